extension Check {
  /// The product's checks, in the order in which the report prints them.
  static var all: [Check] {
    configurationChecks + boardChecks + kernelChecks + memoryChecks + lineChecks + partChecks
      + displayChecks + serialChecks + usbChecks + storageChecks + mediumChecks + clockChecks
      + networkChecks + wayChecks + tlsChecks + credentialChecks + coreChecks + serviceChecks
      + securityChecks + moneyChecks
  }
}
