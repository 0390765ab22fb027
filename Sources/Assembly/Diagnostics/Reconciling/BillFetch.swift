internal import BackOffice
public import MachineFiles
internal import Ordering
public import Timing
public import Vending
internal import WeChatPay
internal import Accounts

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
    case failed(String, fix: Bilingual)
  }

  private let payment: MachineConfiguration.Payment

  /// Fetches for the merchant of a machine.
  public init(_ payment: MachineConfiguration.Payment) { self.payment = payment }

  /// Fetches the bill of a day.
  public func fetch(_ day: BeijingDay) -> Result {
    do throws(AccountRefusal) {
      let merchant: any WeChatMerchant =
        switch try payment.account() {
        case .v2(let account): WeChatPayV2(account)
        case .v3(let account): WeChatPayV3(account)
        }
      return Self.judge(merchant.bill(.trades, ofDay: day.start))
    } catch {
      return .failed("\(error)", fix: .both("sudo vendctl payment check"))
    }
  }

  static func judge(_ answer: BillAnswer) -> Result {
    switch answer {
    case .bill(let bytes): read(bytes)
    case .noTrades: .noTrades
    case .notReady: .notReady
    case .refused(let refusal):
      .failed("\(refusal.code) \(refusal.words)", fix: Teller.fix(refusal.code))
    case .unknown(let doubt):
      .failed(doubt.words.english, fix: .both("vendctl payment check"))
    }
  }

  private static func read(_ bytes: [UInt8]) -> Result {
    do throws(TradeBillRefusal) {
      return .bill(bytes, rows: try TradeBill(bytes).rows.count)
    } catch {
      return .failed(
        "\(error)",
        fix: Bilingual("fetch it again; never mend a bill by hand", "请重新下载；不要手工修改账单"))
    }
  }
}
