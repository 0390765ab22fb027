public import Timing

/// Bills (facts: WeChat Pay A.10).
///
/// Only the type `ALL` is made.
extension PlatformModel {
  /// A merchant's bill of the day in Beijing that a moment belongs to, as far as the day has gone;
  /// nil when there were no trades.
  public func bill(of merchant: String, onDayOf moment: WallTime) -> PlatformBill? {
    guard let merchant = merchants[merchant],
      let start = WallTime(beijingCompact: "\(moment.beijingCompact.prefix(8))000000")
    else { return nil }
    return PlatformBill(of: orders, merchant, from: start)
  }

  /// What the platform answers in the place of a bill.
  public static func billRefusal(_ words: String, code: String = "20001") -> [UInt8] {
    PlatformDocument([
      .init("return_code", "FAIL"), .init("return_msg", words), .init("error_code", code),
    ]).bytes
  }

  /// What the platform answers when a day has no trades.
  public static var noBill: [UInt8] { billRefusal("No Bill Exist", code: "20002") }

  func downloadBill(
    _ request: PlatformDocument, _ merchant: PlatformMerchant, at now: WallTime
  ) -> PlatformOutcome {
    guard let text = request.value("bill_date") else {
      return .text(Self.billRefusal("missing parameter"))
    }
    guard text.count == 8, let start = WallTime(beijingCompact: "\(text)000000") else {
      return .text(Self.billRefusal("data format error"))
    }
    guard (request.value("bill_type") ?? "ALL") == "ALL" else {
      return .text(Self.billRefusal("invalid bill_type"))
    }
    let packing = request.value("tar_type")
    guard packing == nil || packing == "GZIP" else {
      return .text(Self.billRefusal("CompressGZip Error", code: "20003"))
    }
    let readyAt = policy.makesBillsAtOnce ? start : start + .seconds(33 * 3600)
    if now < readyAt { return .text(Self.billRefusal("Bill Creating", code: "20002")) }
    guard now - start < .seconds(92 * 86_400), let bill = bill(of: merchant.id, onDayOf: start)
    else { return .text(Self.noBill) }
    return .text(packing == nil ? bill.bytes : PlatformFile.gzip(bill.bytes))
  }
}
