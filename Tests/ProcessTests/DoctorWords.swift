/// Words of the doctor's report, as JSON has them.
struct DoctorWords: Decodable {
  var english: String
  var chinese: String
}

/// The doctor's report, as JSON has it.
struct DoctorAnswer: Decodable {
  struct Row: Decodable {
    var id: String
    var code: String
    var verdict: String
    var words: DoctorWords
    var fix: DoctorWords
    var isBlind: Bool
    var because: String?
  }
  struct Cause: Decodable {
    var id: String
    var code: String
    var consequences: [String]
  }
  var schema: Int
  var daemon: String
  var checks: Int
  var tookMilliseconds: Int64
  var rows: [Row]
  var causes: [Cause]
  var exitCode: Int32
}
