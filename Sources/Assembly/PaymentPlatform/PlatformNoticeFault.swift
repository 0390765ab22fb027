internal import Timing

/// One thing that goes wrong with a send of a notice, as a script for the platform (facts: WeChat
/// Pay D.1-D.4, D.29, D.36).
public struct PlatformNoticeFault: Hashable, Sendable, Codable {
  /// What happens.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is never sent.
    case dropped
    /// It is sent `milliseconds` later.
    case delayed
    /// It is sent twice at once.
    case duplicated
    /// The signature is wrong.
    case badSignature
    /// There is no signature.
    case unsigned
    /// Wrong on purpose; v3 alone, as is the rest.
    case probe
    case notBase64
    case otherKey
    case strangeSerial
    case staleTime
    case aheadTime
    case repeatedHeader
    /// A space was added to the body after it was signed.
    case changedBody
    // Lies, rightly signed; refund notices of v2, which are not signed at all, tell none.
    case wrongAmount, wrongCurrency, wrongMerchant, wrongApp, wrongOrder
  }

  public var kind: Kind
  /// For `delayed`.
  public var milliseconds: Int
  /// Sends that it happens to; then it is over.
  public var times: Int

  /// Describes a fault; by default it happens to the next send, once.
  public init(_ kind: Kind, milliseconds: Int = 0, times: Int = 1) {
    (self.kind, self.milliseconds, self.times) = (kind, milliseconds, times)
  }
}

extension PlatformNoticeFault.Kind {
  /// What is wrong with the seal; nil when it is good.
  var sealFlaw: PlatformSeal.Flaw? {
    switch self {
    case .dropped, .delayed, .duplicated, .changedBody, .wrongAmount, .wrongCurrency,
      .wrongMerchant, .wrongApp, .wrongOrder:
      nil
    case .badSignature: .wrong
    case .unsigned: .missing
    case .probe: .probe
    case .notBase64: .notBase64
    case .otherKey: .otherKey
    case .strangeSerial: .strangeSerial
    case .staleTime: .shifted(-301)
    case .aheadTime: .shifted(301)
    case .repeatedHeader: .repeated
    }
  }

  /// The fault of a call that tells the same lie; nil when this is none.
  fileprivate var lie: PlatformFault? {
    switch self {
    case .wrongAmount, .wrongCurrency, .wrongMerchant, .wrongApp, .wrongOrder:
      PlatformFault.Kind(rawValue: rawValue).map { PlatformFault($0) }
    default: nil
    }
  }
}

extension PlatformNotice {
  /// The notice as it leaves: a fault may have changed its bytes after they were signed.
  var asSent: PlatformNotice {
    var sent = self
    switch (fault, api) {
    case (.changedBody, _): sent.body.append(UInt8(ascii: " "))
    case (.badSignature, .v2): sent.resign { String($0.reversed()) }
    case (.unsigned, .v2): sent.resign { _ in nil }
    default: break
    }
    return sent
  }

  /// Replaces the signature within a notice of v2, or takes it out.
  private mutating func resign(_ change: (String) -> String?) {
    guard var document = try? PlatformDocument(reading: body), let old = document["sign"] else {
      return
    }
    if let new = change(old) { document.set("sign", new) } else { document.remove("sign") }
    body = document.bytes
  }
}

extension PlatformModel {
  /// Lets a notice that leaves tell the lie that its fault wants, rightly hidden and signed.
  mutating func lie(in notice: inout PlatformNotice) {
    guard let lie = notice.fault?.lie else { return }
    switch notice.api {
    case .v2:
      guard let index = index(of: notice.order, merchant: notice.merchant),
        let key = merchants[notice.merchant]?.apiKey,
        var document = try? PlatformDocument(reading: notice.body), document["sign"] != nil
      else { return }
      lie.distort(&document)
      document.set("sign", orders[index].signature.sign(document, key: key))
      notice.body = document.bytes
    case .v3:
      guard let secret = accounts[notice.merchant]?.secret,
        var body = PlatformJSON(reading: notice.body), let resource = body["resource"],
        let plain = PlatformAEAD.open(resource, key: secret),
        var inner = PlatformJSON(reading: plain), let type = resource["original_type"]?.text
      else { return }
      lie.distort(&inner)
      let sealed = PlatformAEAD.seal(
        inner.bytes, key: secret, nonce: random.text(count: 12), data: type, type: type)
      body.replace(["resource"]) { sealed ?? $0 }
      notice.body = body.bytes
    }
  }

  /// Lets the script have its way with a notice that is due; true when it does not leave now.
  mutating func strike(_ index: Int, at now: WallTime) -> Bool {
    notices[index].fault = nil
    guard !noticeFaults.isEmpty else { return false }
    let fault = noticeFaults[0]
    noticeFaults[0].times -= 1
    if noticeFaults[0].times <= 0 { noticeFaults.removeFirst() }
    note(.fault, notices[index].order, "\(fault.kind.rawValue) on a notice", at: now)
    switch fault.kind {
    case .dropped:
      notices[index].fault = .dropped
      return true
    case .delayed:
      notices[index].dueAt = now + .milliseconds(fault.milliseconds)
      return true
    case .duplicated:
      noticeCount += 1
      var twin = notices[index]
      (twin.id, twin.sends) = (noticeCount, 0)
      notices.append(twin)
      return false
    default:
      notices[index].fault = fault.kind
      return false
    }
  }
}
