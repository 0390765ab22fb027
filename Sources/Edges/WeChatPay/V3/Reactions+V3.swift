internal import Ordering

extension Reactions {
  /// What each error code of the v3 API means for each call (facts: WeChat Pay B.10).
  ///
  /// Codes are compared without their underscores: the platform writes them both ways.
  public static let v3: [Row] = v3Passing + v3Orders + v3Refunds + v3SetUp

  private static let v3Passing = [
    Row("SYSTEM_ERROR", "the platform failed inside", everywhere: .tryLater),
    Row("BANK_ERROR", "the bank failed", everywhere: .tryLater),
    Row("SERVICE_UNAVAILABLE", "the platform is not there now", everywhere: .tryLater),
    Row("FREQUENCY_LIMITED", "too many calls", everywhere: .tryLater),
    Row("FREQUENCY_LIMIT_EXCEED", "too many calls", everywhere: .tryLater),
    Row("RATELIMIT_EXCEEDED", "too many calls", everywhere: .tryLater),
    Row("USERPAYING", "the payer is at it", everywhere: .tryLater),
  ]

  private static let v3Orders = [
    Row(
      "ORDER_PAID", "the order is paid", [.create: .alreadyPaid, .close: .alreadyPaid]),
    Row(
      "ORDER_CLOSED", "the order is closed",
      [.create: .alreadyClosed, .close: .alreadyClosed]),
    Row(
      "ORDER_NOT_EXIST", "the platform knows no such order",
      [.query: .notFound, .close: .notFound, .refund: .refuse(.query)]),
    Row(
      "INVALID_REQUEST", "the request does not fit what the number stands for",
      [
        .create: .refuse(.query), .close: .refuse(.query), .query: .refuse(.stopAndAlarm),
        .refund: .refuse(.query), .queryRefund: .refuse(.stopAndAlarm),
      ]),
    Row("OUT_TRADE_NO_USED", "the number was used before", [.create: .refuse(.query)]),
    Row(
      "RULE_LIMIT", "a rule of the platform against it",
      // Not again with the same number, and no reason to stop the machine.
      [.create: .refuse(.newNumber), .refund: .refuse(.oweAndAlarm)]),
    Row(
      "TRADE_ERROR", "the platform does not take this trade",
      [
        .create: .refuse(.stopAndAlarm), .close: .refuse(.query), .query: .refuse(.stopAndAlarm),
        .refund: .refuse(.oweAndAlarm), .queryRefund: .refuse(.stopAndAlarm),
      ]),
  ]

  private static let v3Refunds = [
    Row(
      "NOT_ENOUGH", "not enough money in the merchant's account", [.refund: .refuse(.oweAndAlarm)]),
    Row(
      "USER_ACCOUNT_ABNORMAL", "the payer's account is closed", [.refund: .refuse(.oweAndAlarm)]),
    Row(
      "RESOURCE_NOT_EXISTS", "the platform knows no such refund or order",
      [.queryRefund: .notFound, .refund: .refuse(.query)]),
    Row(
      "INVALID_TRANSACTIONID", "no such payment",
      [.refund: .refuse(.query), .queryRefund: .refuse(.query)]),
  ]

  private static let v3SetUp = [
    Row("PARAM_ERROR", "a parameter is wrong", everywhere: .refuse(.stopAndAlarm)),
    Row(
      "APPID_MCHID_NOT_MATCH", "the app is not bound to the merchant",
      everywhere: .refuse(.stopAndAlarm)),
    Row("MCH_NOT_EXISTS", "no such merchant", everywhere: .refuse(.stopAndAlarm)),
    Row("NO_AUTH", "Native payment is not enabled", everywhere: .refuse(.stopAndAlarm)),
    Row(
      "ACCOUNT_ERROR", "the merchant's account is not in order",
      everywhere: .refuse(.stopAndAlarm)),
    Row("REQUEST_BLOCKED", "the platform blocks our requests", everywhere: .refuse(.stopAndAlarm)),
    Row("OPENID_MISMATCH", "the payer is not of this app", everywhere: .refuse(.stopAndAlarm)),
    Row(
      "SIGN_ERROR", "our signature is wrong: key, serial or clock",
      everywhere: .refuse(.stopAndAlarm)),
  ]
}
