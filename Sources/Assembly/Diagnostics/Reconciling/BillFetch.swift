public import MachineFiles
internal import NetworkClient
internal import Ordering
internal import Platform
public import Timing
internal import WeChatPay
internal import Wiring

/// Fetches a day's bill from the payment platform, for `vendctl audit`.
///
/// Only a bill that is whole comes out: its rows and its summary agree to the fen. v3 announces it
/// under a signature with its hash; in v2 nothing is signed, and TLS alone vouches (facts: WeChat
/// Pay A.10, B.8).
public struct BillFetch: Sendable {
  /// What came of it.
  public enum Result: Hashable, Sendable {
    /// The bill's bytes as they came, unpacked, and how many rows it has.
    case bill([UInt8], rows: Int)
    case noTrades
    /// The platform makes it from 10:00 of the next day on.
    case notReady
    case failed(String, fix: String)
  }

  /// Asks the platform for a file, by one message of v2.
  typealias Asker = @Sendable (Outgoing) -> Swift.Result<HTTPResponse, HTTPFailure>

  private let payment: MachineConfiguration.Payment

  /// Fetches for the merchant of a machine.
  public init(_ payment: MachineConfiguration.Payment) { self.payment = payment }

  /// Fetches the bill of a day.
  public func fetch(_ day: BeijingDay) -> Result {
    do throws(AccountRefusal) {
      let provider = try payment.makeProvider()
      if let v3 = provider as? WeChatPayV3 { return Self.judge(v3.bill(.trades, ofDay: day.start)) }
    } catch {
      return .failed("\(error)", fix: "sudo vendctl payment check")
    }
    let exchange = HTTPSExchange(
      HTTPSExchange.Route(
        endpoint: payment.endpoint ?? Endpoint.standard, spare: payment.spareEndpoint,
        caFile: payment.caFile))
    return fetchV2(day) { message in
      do throws(HTTPFailure) {
        return .success(try exchange.send(message, to: .main))
      } catch {
        return .failure(error)
      }
    }
  }

  // MARK: v3

  static func judge(_ answer: BillAnswer) -> Result {
    switch answer {
    case .bill(let bytes): read(bytes)
    case .noTrades: .noTrades
    case .notReady: .notReady
    case .refused(let refusal):
      .failed("\(refusal.code) \(refusal.words)", fix: Teller.fix(refusal.code))
    case .unknown(let doubt):
      .failed("\(doubt.cause.rawValue): \(doubt.detail)", fix: "vendctl payment check")
    }
  }

  // MARK: v2

  func fetchV2(_ day: BeijingDay, _ ask: Asker) -> Result {
    let key: APIKey
    do throws(APIKeyError) {
      key = try APIKey(file: payment.keyFile)
    } catch {
      return .failed("the API key: \(error)", fix: "sudo vendctl payment check")
    }
    let type: SignType = payment.signType == .md5 ? .md5 : .hmacSHA256
    var fields = [
      Field("appid", payment.appID), Field("mch_id", payment.merchantID),
      Field("nonce_str", RandomBits.text(count: 32)), Field("sign_type", type.rawValue),
      Field("bill_date", day.description.filter { $0 != "-" }), Field("bill_type", "ALL"),
    ]
    fields.append(Field("sign", Signature.sign(fields, key: key, type: type)))
    let message = Outgoing(
      path: "/pay/downloadbill", body: FlatXML(fields).bytes,
      headers: ["Content-Type": "text/xml"], isForFile: true)
    switch ask(message) {
    case .success(let response) where response.status == 200: return Self.read(response.body)
    case .success(let response):
      return .failed("HTTP \(response.status) instead of a bill", fix: "look again in a minute")
    case .failure(let failure): return .failed("\(failure)", fix: "vendctl payment check")
    }
  }

  // MARK: The bill

  private static func read(_ bytes: [UInt8]) -> Result {
    do throws(TradeBillRefusal) {
      return .bill(bytes, rows: try TradeBill(bytes).rows.count)
    } catch {
      switch error.reason {
      case .noBillExists: return .noTrades
      case .stillBeingMade: return .notReady
      default: return .failed("\(error)", fix: "fetch it again; never mend a bill by hand")
      }
    }
  }
}
