/// What a person at the console may do.
public enum OperatorRole: String, Hashable, Sendable, Codable, CaseIterable {
  /// Looks.
  case viewer
  /// Looks, gives money back and decides cases.
  case clerk
  /// All that, and machines, prices and people.
  case admin

  /// What a right is needed for.
  public enum Right: Hashable, Sendable, CaseIterable {
    /// See orders, machines, prices, days and the log; change one's own password.
    case look
    /// Give money back, end cases.
    case decide
    /// Take machines in and put them out.
    case machines
    /// Write price lists.
    case prices
    /// Add people and change what they may.
    case operators
  }

  /// Whether the role has a right.
  public func may(_ right: Right) -> Bool {
    switch (self, right) {
    case (.admin, _), (_, .look), (.clerk, .decide): true
    case (.viewer, .decide), (.viewer, .machines), (.viewer, .prices), (.viewer, .operators),
      (.clerk, .machines), (.clerk, .prices), (.clerk, .operators):
      false
    }
  }
}
