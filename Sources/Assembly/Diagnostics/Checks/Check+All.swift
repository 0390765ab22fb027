extension Check {
  /// The product's checks, in the order in which the report prints them.
  static var all: [Check] {
    configurationChecks + deviceChecks + displayChecks + storageChecks + networkChecks
      + credentialChecks + serviceChecks + moneyChecks
  }
}
