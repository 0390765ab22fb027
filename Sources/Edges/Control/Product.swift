/// What both ends of the control socket are part of.
public enum Product {
  /// The version, as `vendd --version` and `vendctl version` print it.
  public static let version = "0.1.0"
}
