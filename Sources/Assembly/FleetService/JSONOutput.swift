internal import Storage

/// Values as JSON for programs, a line each.
public enum JSONOutput {
  /// A line for each value.
  public static func lines(_ values: [some Encodable]) -> String {
    values.compactMap { try? JSONText.encode($0) }.map { "\($0)\n" }.joined()
  }
}
