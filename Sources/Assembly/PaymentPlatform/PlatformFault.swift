/// One thing that goes wrong with a call, as a script for the platform (facts: WeChat Pay D).
public struct PlatformFault: Hashable, Sendable, Codable {
  /// What the caller sees.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A signed SYSTEMERROR.
    case systemError
    /// `return_code` FAIL, unsigned: `System Error`.
    case unsignedFailure
    /// A signed FREQUENCY_LIMITED.
    case rateLimited
    /// The connection closes without an answer.
    case dropped
    /// Half of the body, then the connection closes.
    case cutBody
    /// The right answer, byte after byte over `milliseconds`.
    case slowBody
    /// The right answer after `milliseconds`.
    case delayed
    /// HTTP 502 with a page of HTML.
    case badGateway
    /// HTTP 200 without a body.
    case emptyBody
    /// The right answer without its signature.
    case unsigned
    /// The right answer with another signature.
    case badSignature
    /// Rightly signed, but one fen more than was asked for.
    case wrongAmount
    /// Rightly signed, but about another merchant.
    case wrongMerchant
    /// Rightly signed, but about another app.
    case wrongApp
    /// Rightly signed, but about another order.
    case wrongOrder
    /// Rightly signed, with fields that no document names.
    case extraFields
    /// A document with a DOCTYPE and an external entity.
    case entities
    /// More than 64 KiB.
    case oversized
    /// Rightly signed, but in another currency.
    case wrongCurrency
    // The rest is for v3 alone; v2 answers rightly.
    /// The signature that is wrong on purpose: `WECHATPAY/SIGNTEST/`.
    case probe
    /// A signature with a character that base 64 does not have.
    case notBase64
    /// Signed by another key of the platform than its serial says.
    case otherKey
    /// Under a serial that nobody knows.
    case strangeSerial
    /// Rightly signed, 301 seconds ago.
    case staleTime
    /// Rightly signed, 301 seconds from now.
    case aheadTime
    /// The signature's header is there twice.
    case repeatedHeader
    /// A space was added to the body after it was signed.
    case changedBody
    /// HTTP 202: not done yet.
    case accepted
  }

  public var kind: Kind
  /// The call that it happens to, in either API; nil for any.
  public var call: PlatformCall?
  /// The call of v3 that it happens to; nil for any.
  public var v3Call: PlatformV3Call?
  /// Whether the platform does what was asked before the answer goes wrong.
  public var commits: Bool
  /// For `slowBody` and `delayed`.
  public var milliseconds: Int
  /// Calls that pass unharmed first.
  public var skip: Int
  /// Calls that it happens to; then it is over.
  public var times: Int

  /// Describes a fault; by default it happens to the next call, once.
  public init(
    _ kind: Kind, on call: PlatformCall? = nil, v3Call: PlatformV3Call? = nil,
    commits: Bool = true, milliseconds: Int = 0, skip: Int = 0, times: Int = 1
  ) {
    (self.kind, self.call, self.v3Call, self.commits) = (kind, call, v3Call, commits)
    (self.milliseconds, self.skip, self.times) = (milliseconds, skip, times)
  }
}

/// The faults that still lie ahead.
struct PlatformFaultScript: Hashable, Sendable {
  private(set) var faults: [PlatformFault] = []

  mutating func add(_ fault: PlatformFault) {
    if faults.count < 100 { faults.append(fault) }
  }

  mutating func clear() { faults = [] }

  /// The fault that happens to this call; the first one that fits counts it.
  mutating func take(for call: PlatformCall) -> PlatformFault? {
    take { $0.v3Call == nil && ($0.call == nil || $0.call == call) }
  }

  /// The same for a call of v3.
  mutating func take(for call: PlatformV3Call) -> PlatformFault? {
    take { ($0.v3Call == nil || $0.v3Call == call) && ($0.call == nil || $0.call == call.kin) }
  }

  private mutating func take(_ fits: (PlatformFault) -> Bool) -> PlatformFault? {
    for index in faults.indices where fits(faults[index]) {
      if faults[index].skip > 0 {
        faults[index].skip -= 1
        return nil
      }
      let fault = faults[index]
      faults[index].times -= 1
      if faults[index].times <= 0 { faults.remove(at: index) }
      return fault
    }
    return nil
  }
}
