public import Money

/// A merchant of the platform.
public struct PlatformMerchant: Hashable, Sendable {
  /// `mch_id`.
  public var id: String
  /// The app that is bound to the merchant.
  public var appID: String
  /// The 32 characters that sign.
  public var apiKey: String
  /// What a payer reads above the amount.
  public var name: String
  /// What refunds can be paid from: payments that are not settled yet, and what was there before.
  public var balance: Amount
  /// What the merchant paid in for refunds (`REFUND_SOURCE_RECHARGE_FUNDS`).
  public var rechargedFunds = Amount.zero
  /// While true the available balance counts as nothing, as if it had been withdrawn.
  public var isBalanceWithdrawn = false

  /// Describes a merchant.
  public init(id: String, appID: String, apiKey: String, name: String, balance: Amount) {
    (self.id, self.appID, self.apiKey) = (id, appID, apiKey)
    (self.name, self.balance) = (name, balance)
  }
}
