extension MachineConfiguration {
  /// Reads service mode at the keypad, which needs a door switch and a key that enters.
  static func readService(
    _ root: ConfigurationTable, _ board: BoardConfiguration?, _ policy: Policy
  ) -> Service? {
    guard let table = root.optionalTable("service") else { return nil }
    defer { table.refuseOthers() }
    let service = Service(
      codeFile: table.filePath(
        "code_file", default: "${CREDENTIALS_DIRECTORY:-/etc/vend/credentials}/service-code"),
      timeout: table.duration(
        "timeout", in: .seconds(15)...Duration.seconds(600), default: .seconds(120)))
    if let board, board.door == nil {
      table.note("code_file", "needs a door switch: the board \(board.name) has none")
    }
    if policy.confirmKey.isEmpty {
      table.note("code_file", "needs a confirm_key to enter the code with")
    }
    return service
  }
}
