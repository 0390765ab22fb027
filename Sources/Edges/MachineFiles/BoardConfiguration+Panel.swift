public import Timing

extension BoardConfiguration {
  /// The customer's display.
  public struct Panel: Equatable, Sendable {
    public var driver: Driver
    /// A device path, a file path, `usb:VENDOR:PRODUCT` with an optional `@BUS-PORT`, or
    /// `remote:NAME`.
    public var port: String
    public var baud: Int
    /// In pixels, as the panel is mounted.
    public var width: Int
    public var height: Int
    public var orientation: Orientation
    public var brightnessPercent: Int
    /// Another brightness for a part of the day; nil for the same at all hours.
    public var night: Night?
    /// The panel's pixel pitch in micrometres; nil when unknown (then only pixels are checked).
    public var pitchMicrometres: Int?
    /// Behind glossy glass the QR code gets one level more.
    public var isGlossy: Bool
    /// Whether an AX206 may be sent a part of a picture: some firmwares break on it.
    public var takesParts: Bool
    /// What a panel that draws by itself must be told of its project.
    public var project: Project

    /// Which driver.
    public enum Driver: String, Hashable, Sendable, CaseIterable {
      case weActFSV1 = "weact-fs-v1"
      case turingA = "turing-a"
      /// A USB frame of the AX206 class, over libusb.
      case ax206
      /// A TJC or Nextion USART HMI.
      case tjc
      /// DWIN DGUS II (T5L).
      case dgus2
      /// DWIN's T5UIC1 "lite" kernel.
      case t5uic1
      /// Each frame is written to a PNG file.
      case png
      /// Raw RGB565 rows into a file or `/dev/fb0`.
      case framebuffer
      /// A dumb buffer of a kernel graphics card such as `/dev/dri/card0`.
      case drm
      /// The frame buffer of a board that is reached by remote I/O.
      case remoteFrame = "remote-frame"
    }

    /// How the panel is mounted.
    public enum Orientation: String, Hashable, Sendable, CaseIterable {
      case portrait
      case reversePortrait = "reverse-portrait"
      case landscape
      case reverseLandscape = "reverse-landscape"
    }

    /// A part of the day with a backlight of its own.
    public struct Night: Equatable, Sendable {
      /// By this computer's local time.
      public var span: DailySpan
      public var brightnessPercent: Int

      /// Describes a night.
      public init(span: DailySpan, brightnessPercent: Int) {
        (self.span, self.brightnessPercent) = (span, brightnessPercent)
      }
    }

    /// How the project in a panel that draws by itself was made.
    public struct Project: Equatable, Sendable {
      /// How its fonts count characters.
      public var encoding: Encoding
      /// The square, in pixels of the panel, in which the code stands with its quiet zone; nil when
      /// the board file does not say.
      public var code: Square?
      /// Whether a code may be drawn by the panel itself; else it is filled in module by module.
      public var drawsCode: Bool
      /// DGUS II: whether frames carry a CRC.
      public var hasCRC: Bool

      /// How characters are sent.
      public enum Encoding: String, Hashable, Sendable, CaseIterable {
        case gbk
        case utf8 = "utf-8"
      }

      /// A square of the panel.
      public struct Square: Equatable, Sendable {
        public var x: Int
        public var y: Int
        public var side: Int

        /// Describes a square.
        public init(x: Int, y: Int, side: Int) { (self.x, self.y, self.side) = (x, y, side) }
      }

      /// Describes a project; the defaults are those of the board file.
      public init(
        encoding: Encoding = .gbk, code: Square? = nil, drawsCode: Bool = true,
        hasCRC: Bool = false
      ) {
        (self.encoding, self.code) = (encoding, code)
        (self.drawsCode, self.hasCRC) = (drawsCode, hasCRC)
      }
    }

    /// Describes a display.
    public init(
      driver: Driver, port: String, baud: Int, width: Int, height: Int, orientation: Orientation,
      brightnessPercent: Int, night: Night? = nil, pitchMicrometres: Int?, isGlossy: Bool,
      takesParts: Bool = false, project: Project = Project()
    ) {
      (self.driver, self.port, self.baud) = (driver, port, baud)
      (self.width, self.height, self.orientation) = (width, height, orientation)
      (self.brightnessPercent, self.night) = (brightnessPercent, night)
      (self.pitchMicrometres, self.isGlossy) = (pitchMicrometres, isGlossy)
      (self.takesParts, self.project) = (takesParts, project)
    }
  }
}

extension BoardConfiguration.Panel.Driver {
  /// Where such a panel is found.
  public var place: Place {
    switch self {
    case .weActFSV1, .turingA, .tjc, .dgus2, .t5uic1: .serial
    case .ax206: .usb
    case .png, .framebuffer, .drm: .file
    case .remoteFrame: .remote
    }
  }

  /// A kind of place.
  public enum Place: Hashable, Sendable {
    /// A tty, or a serial port of remote I/O.
    case serial
    /// A USB device of its own.
    case usb
    /// A file, or a device that is used like one.
    case file
    /// A frame buffer of remote I/O.
    case remote
  }
}
