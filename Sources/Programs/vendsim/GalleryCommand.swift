import ArgumentParser
import Platform
import Simulation

/// `vendsim gallery`: pictures of every screen.
struct GalleryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gallery", abstract: "Draw every screen on every panel in both languages.",
    discussion: """
      The folder gets a page (index.html), a folder of pictures and a contact sheet for each size, \
      and codes.tsv: every picture with a QR code, and what a scanner must read on it.
      """)

  @Option(help: "The folder; made when it is missing.")
  var folder: String

  @Option(help: "Only this size, such as 480x320; may be repeated.")
  var size: [String] = []

  @Flag(help: "Only the pictures for scanners, and their list.")
  var codesOnly = false

  @Option(help: "The font.")
  var font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

  func run() throws {
    let panels = GalleryPanel.all.filter { size.isEmpty || size.contains($0.size) }
    let known = Set(GalleryPanel.all.map(\.size))
    if let stranger = size.first(where: { !known.contains($0) }) {
      let sizes = GalleryPanel.all.map(\.size).joined(separator: " ")
      throw ValidationError("no size \(stranger); there are \(sizes)")
    }
    let outcome: ScreenGallery.Outcome
    do throws(ScreenGallery.Failure) {
      let gallery = ScreenGallery(folder: folder, font: font, panels: panels)
      outcome = try codesOnly ? gallery.writeCodes() : gallery.write()
    } catch {
      StandardError.write("vendsim: \(error)\n")
      throw ExitCode(1)
    }
    for refusal in outcome.refusals { StandardOutput.write("refused: \(refusal)\n") }
    StandardOutput.write(
      "gallery: \(outcome.screens) screens and \(outcome.codes) codes on \(panels.count) sizes: "
        + "\(folder)/\(codesOnly ? "codes.tsv" : "index.html")\n")
  }
}
