internal import Displays
internal import Inspection

/// A panel that is known by its USB numbers alone (facts on displays, sections 0, 1, 4, 7 and 8).
struct KnownUSBPanel {
  var vendor: UInt16
  /// Nil for every product of the vendor.
  var product: UInt16?
  var model: String
  /// The board file's name of its driver; nil where there is none.
  var driver: String?
  /// In pixels as it is mounted mostly.
  var size: PanelSize?
  var pitchMicrometres: Int?
  /// What to say beside.
  var note = ""

  static let all = [
    KnownUSBPanel(
      vendor: 0x1908, product: 0x0102, model: "USB frame of the AX206 class", driver: "ax206",
      size: PanelSize(width: 480, height: 320), pitchMicrometres: 154,
      note: "3.5 inch; one of 5 inch has 800 by 480 and pitch_um = 136"),
    KnownUSBPanel(vendor: 0x1A86, product: 0x5722, model: "Turing rev B or C, or its kin"),
    KnownUSBPanel(vendor: 0x1A86, product: 0xCA21, model: "Turing rev C, 2.1 inch"),
    KnownUSBPanel(vendor: 0x1A86, product: 0xCA50, model: "Turing rev C, 5 inch"),
    KnownUSBPanel(vendor: 0x1A86, product: 0xCA88, model: "Turing rev C, 8.8 inch"),
    KnownUSBPanel(vendor: 0x1D6B, product: 0x0106, model: "Turing rev C, 5 inch, awake"),
    KnownUSBPanel(vendor: 0x1D6B, product: 0x0121, model: "Turing rev C, 2.1 inch, awake"),
    KnownUSBPanel(vendor: 0x1CBE, product: nil, model: "Turing USB, of the later kind"),
    KnownUSBPanel(vendor: 0x4E58, product: 0x1001, model: "NXElec BeadaPanel"),
    KnownUSBPanel(
      vendor: 0x17E9, product: nil, model: "DisplayLink",
      note: "the kernel drives it: see the screens below"),
    KnownUSBPanel(
      vendor: 0x1D50, product: 0x614D, model: "GUD USB display",
      note: "the kernel drives it: see the screens below"),
  ]

  static func of(_ device: AttachedUSB) -> KnownUSBPanel? {
    all.first { $0.vendor == device.vendor && ($0.product ?? device.product) == device.product }
  }
}
