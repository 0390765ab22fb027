import Platform
import Testing
import Vending

@testable import Diagnostics

@Suite("The doctor before a machine")
struct SceneTests {
  @Test("names the true cause first, and nothing before it", arguments: Scene.all)
  func cause(scene: Scene) throws {
    var spoilt = Healthy.Case()
    try scene.spoil(&spoilt)
    let report = try spoilt.report()
    #expect(report.causes.first?.code ?? "" == scene.cause, "\(report.causes)")
    let row = report.rows.first { $0.id == report.causes.first?.id }
    #expect(row?.fix.english.isEmpty != true)
  }

  /// What is well is left out, but of the healthy machine: a scene is what is wrong in it.
  @Test("says it in both languages and in JSON as it was reviewed", arguments: Scene.all)
  func golden(scene: Scene) throws {
    var spoilt = Healthy.Case()
    try scene.spoil(&spoilt)
    var report = try spoilt.report()
    if scene.name != "healthy" { report.rows.removeAll { $0.verdict == .ok } }
    for language in Bilingual.Language.allCases {
      try Golden.expect(
        DoctorText(isColoured: false, language: language).text(report),
        is: "doctor/\(scene.name).\(language.rawValue).txt")
    }
    if scene.name == "healthy" {
      // One of each group: a row that is well looks like another.
      report.rows = Check.Group.allCases.compactMap { group in
        report.rows.first { $0.group == group }
      }
    } else {
      report.rows.removeAll { $0.verdict == .skipped && !$0.isBlind }
    }
    report.causes = report.causes.map { cause in
      var cause = cause
      // Eighty rows wait for a machine file that is broken.
      cause.consequences = Array(cause.consequences.prefix(20))
      return cause
    }
    try Golden.expect(report.json, is: "doctor/\(scene.name).json")
  }

  @Test("tells nobody a key, whatever is wrong")
  func secrets() throws {
    for scene in Scene.all {
      var spoilt = Healthy.Case()
      try scene.spoil(&spoilt)
      #expect(try !spoilt.report().json.contains("8934e7d15453e97507ef794cf7b0519"))
    }
  }
}
