import ArgumentParser
import MachineFiles
import Platform
import Simulation

/// `vendsim wire`: how many bytes each display needs for what a sale shows.
struct WireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wire", abstract: "Count the bytes that each display needs in a sale.",
    discussion: """
      A table in Markdown: the drivers that ship, before emulated panels. Beside them stands what \
      a sender of rectangles sends for the same change, as the public Python ones do: the code \
      with its quiet zone, the box of the time left.
      """)

  @Option(help: "The font.")
  var font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

  private struct Panel {
    var name: String
    var driver: BoardConfiguration.Panel.Driver
    var size: (width: Int, height: Int)
    var pitch: Int
    var firmware = "V1.0.0.0"
  }

  private static let panels = [
    Panel(name: "WeAct FS V1, raw", driver: .weActFSV1, size: (320, 480), pitch: 154),
    Panel(
      name: "WeAct FS V1, FastLZ", driver: .weActFSV1, size: (320, 480), pitch: 154,
      firmware: "V1.2.0.0"),
    Panel(name: "Turing rev A, 3.5 inch", driver: .turingA, size: (320, 480), pitch: 154),
    Panel(name: "TJC, its own code", driver: .tjc, size: (480, 272), pitch: 198),
    Panel(name: "DWIN DGUS II", driver: .dgus2, size: (800, 480), pitch: 191),
    Panel(name: "DWIN T5UIC1", driver: .t5uic1, size: (480, 272), pitch: 198),
  ]

  func run() async throws {
    StandardOutput.write(
      "| display | full picture | another code | sender | a tick | sender | ratio |\n"
        + "|---|---|---|---|---|---|---|\n")
    for panel in Self.panels {
      let tally = try await PanelTally(
        panel.name, driver: panel.driver, width: panel.size.width, height: panel.size.height,
        pitchMicrometres: panel.pitch, firmware: panel.firmware, font: font)
      StandardOutput.write(Self.row(tally))
    }
    for takesParts in [false, true] {
      let tally = try await PanelTally(
        takesParts ? "AX206, parts" : "AX206, whole pictures", ax206Width: 480, height: 320,
        pitchMicrometres: 154, takesParts: takesParts, font: font)
      StandardOutput.write(Self.row(tally))
    }
  }

  private static func row(_ tally: PanelTally) -> String {
    let ratio = tally.timeRectangle.map { Double($0) / max(1, tally.tick) }
    let cells = [
      tally.name, "\(tally.fullPicture)", "\(tally.otherCode)",
      tally.codeRectangle.map { "\($0)" } ?? "",
      "\(Int(tally.tick.rounded()))", tally.timeRectangle.map { "\($0)" } ?? "",
      ratio.map { "\(Double(Int($0 * 10)) / 10)" } ?? "",
    ]
    return "| \(cells.joined(separator: " | ")) |\n"
  }
}
