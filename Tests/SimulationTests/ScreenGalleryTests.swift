import Glibc
import Platform
import Simulation
import Testing
import Vending

@Suite("The gallery of screens")
struct ScreenGalleryTests {
  static let font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

  @Test func everyKindOfScreenAndEveryReasonIsInItUnderANameOfItsOwn() {
    let names = GalleryScreen.all.map(\.name)
    #expect(Set(names).count == names.count)
    let kinds = [
      "blank", "idle", "selection", "opening", "payment", "paid", "dispensing", "thanks",
      "out-of-service", "service",
    ]
    let reasons =
      Screen.UnavailableReason.allCases.map { "unavailable-\($0.rawValue)" }
      + Screen.SorryReason.allCases.map { "sorry-\($0.rawValue)" }
    for name in kinds + reasons { #expect(names.contains(name), "\(name)") }
  }

  @Test(.enabled(if: Files.exists(font), "no font"))
  func folderHasAPictureOfEachScreenAndAListOfCodes() throws {
    var template = Array("/tmp/gallery-XXXXXX".utf8CString)
    let made = mkdtemp(&template) != nil
    try #require(made)
    let folder = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let panel = try #require(GalleryPanel.all.first { $0.size == "480x320" })
    let outcome = try ScreenGallery(folder: folder, font: Self.font, panels: [panel]).write()
    var files = ["index.html", "codes.tsv", "screens.png", "480x320.png"]
    for screen in GalleryScreen.all {
      for language in ["zh-Hans", "en"] { files.append("480x320/\(screen.name)-\(language).png") }
    }
    for card in ["code", "bars", "bytes", "border", "greys", "brightness"] {
      files.append("480x320/card-\(card).png")
    }
    for field in ["red", "green", "blue", "white", "black"] {
      files.append("480x320/card-\(field).png")
    }
    for file in files { #expect(Files.exists("\(folder)/\(file)"), "\(file)") }
    #expect(outcome.screens == GalleryScreen.all.count * 2)
    let lines = try Files.readText("\(folder)/codes.tsv").split(separator: "\n").dropFirst()
    // Three lengths, two languages, glossy or not; the fourth length does not fit this panel.
    #expect((lines.count, outcome.codes) == (12, 12))
    for line in lines {
      let fields = line.split(separator: "\t")
      #expect(fields.count == 9 && Files.exists("\(folder)/\(fields[0])"), "\(line)")
      files.append(String(fields[0]))
    }
    #expect(outcome.refusals.count == 1 && outcome.refusals[0].contains("0.46 mm"))
    for file in files { unlink("\(folder)/\(file)") }
    #expect(rmdir("\(folder)/480x320") == 0 && rmdir(folder) == 0)
  }
}
