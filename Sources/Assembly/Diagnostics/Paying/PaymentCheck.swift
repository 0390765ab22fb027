public import MachineFiles
public import Ordering
public import Platform
public import Timing
public import WeChatPay
public import Vending
internal import Accounts

/// Proves a merchant's credentials without money, and with a fen the whole way there and back.
///
/// The report is the doctor's: rows, a fix under each that needs one, and its exit codes.
public struct PaymentCheck: Sendable {
  /// Time, the way to the provider, and the person who watches.
  public struct Surroundings: Sendable {
    public var wallTime: @Sendable () -> WallTime
    /// Lets time pass.
    public var pause: @Sendable (Duration) -> Void
    /// Tells the person what is going on; lines, each ending with a line feed.
    public var say: @Sendable (Bilingual) -> Void
    /// Makes the provider's client, over a wire that `tap` has listened in on.
    public var makeProvider: Maker

    /// Makes the client of an account; with `tap` around its wire.
    public typealias Maker =
      @Sendable (
        MachineConfiguration.Payment, _ tap: @escaping (any Exchange) -> any Exchange
      ) -> Result<any WeChatProvider, ProbeError>

    /// Time, wire and person of one's own.
    public init(
      wallTime: @escaping @Sendable () -> WallTime, pause: @escaping @Sendable (Duration) -> Void,
      say: @escaping @Sendable (Bilingual) -> Void, makeProvider: @escaping Maker
    ) {
      (self.wallTime, self.pause, self.say) = (wallTime, pause, say)
      self.makeProvider = makeProvider
    }

    /// This computer, its network, and a person who is told by `say`.
    public static func here(say: @escaping @Sendable (Bilingual) -> Void) -> Surroundings {
      Surroundings(
        wallTime: { Clock.wallTime() },
        pause: { duration in
          guard let loop = try? EventLoop() else { return }
          loop.arm(after: duration) {}
          loop.turn(waiting: nil)
        },
        say: say,
        makeProvider: { payment, tap in
          do throws(AccountRefusal) {
            return .success(try payment.makeProvider(wrapping: tap))
          } catch {
            return .failure(ProbeError("\(error)"))
          }
        })
    }
  }

  /// What is to be done beside the questions that cost nothing.
  public enum Trial: Hashable, Sendable {
    case questionsOnly
    /// One fen is taken and given back.
    case charge
    /// The fen of an earlier trial, by its order, is given back or followed.
    case giveBack(OrderNumber)
  }

  let site: Site
  let surroundings: Surroundings

  /// A check of the provider's account as this computer has it.
  public init(site: Site, surroundings: Surroundings) {
    (self.site, self.surroundings) = (site, surroundings)
  }

  /// Looks at the files and the way, asks the provider, and reports.
  public func run(path: String, _ trial: Trial) throws(SystemError) -> DoctorReport {
    var daemon = DaemonSight.absent
    let configuration: Result<MachineConfiguration, ConfigurationError>
    do throws(ConfigurationError) {
      let machine = try MachineConfiguration.load(path: path)
      configuration = .success(machine)
      daemon = Bench(machine).sight()
    } catch {
      configuration = .failure(error)
    }
    return try run(
      Examination(
        path: path, configuration: configuration, daemon: daemon, site: site,
        time: surroundings.wallTime()), trial)
  }

  func run(_ examination: Examination, _ trial: Trial) throws(SystemError) -> DoctorReport {
    let began = Clock.now()
    var report = try Doctor(
      checks: Self.wayChecks, causes: .product, limit: .seconds(20)
    ).examine(examination)
    if case .success(let machine) = examination.configuration {
      report.rows += rows(machine, examination.path, trial, after: report.rows)
    }
    let order = Check.Group.allCases
    let rows = report.rows
    report.rows = order.flatMap { group in rows.filter { $0.group == group } }
    report.tookMilliseconds = (Clock.now() - began).wholeMilliseconds
    report.exitCode = DoctorReport.exitCode(of: report.rows)
    return report
  }

  /// What is known before the provider is asked: file, clock, the way to it, and the keys.
  private static var wayChecks: [Check] {
    Check.all.filter { check in
      switch check.group {
      case .configuration: check.id == "configuration.file"
      case .clock: check.id == "clock.sane" || check.id == "clock.synchronised"
      case .network, .tls: check.id != "network.faults" && check.id != "tls.faults"
      case .credentials: true
      default: false
      }
    }
  }

  private func rows(
    _ machine: MachineConfiguration, _ path: String, _ trial: Trial,
    after earlier: [DoctorReport.Row]
  ) -> [DoctorReport.Row] {
    let groups: Set<Check.Group> = [.network, .tls, .credentials]
    if let cause = earlier.first(where: { groups.contains($0.group) && $0.verdict == .failure }) {
      return [
        Self.row(
          "question", Self.question,
          .skipped("because of: \(cause.title.english)", "原因：\(cause.title.chinese)"))
      ]
    }
    guard let payment = machine.payment else {
      return [
        Self.row(
          "question", Self.question,
          .blind(
            "the account is the payment service's: check it there; vendctl doctor checks the way",
            "商户账户在支付服务中：请在服务端检查；线路请用 vendctl doctor 检查",
            fix: .both("sudo vendctl doctor")))
      ]
    }
    let tap = Mute()
    let provider: any WeChatProvider
    switch surroundings.makeProvider(payment, tap.attach) {
    case .success(let made): provider = made
    case .failure(let error):
      let isBlind = earlier.contains(where: \.isBlind)
      return [
        Self.row(
          "question", Self.question,
          isBlind
            ? .blind(error.words, error.words, fix: .both("sudo vendctl payment check"))
            : .failure(.both(error.words), fix: .both("vendctl config check \(path)")))
      ]
    }
    let teller = Teller(
      machine: machine, payment: payment, provider: provider, surroundings: surroundings,
      traces: { tap.traces })
    var rows = teller.question()
    guard trial != .questionsOnly else { return rows }
    if rows.contains(where: { $0.verdict == .failure }) {
      rows.append(
        Self.row(
          "charge", Self.charge, .skipped("because of what is not well above", "以上项目异常，未进行")))
    } else if case .giveBack(let number) = trial {
      rows += teller.giveBack(number)
    } else {
      rows += teller.charge()
    }
    return rows
  }

  static let question = Bilingual("question", "查询")
  static let charge = Bilingual("charge", "扣款")

  static func row(_ id: String, _ title: Bilingual, _ finding: Finding) -> DoctorReport.Row {
    let subject = finding.subject
    let whole = Bilingual(
      "\(title.english) \(subject)", title.chinese + (subjects[subject] ?? subject))
    return DoctorReport.Row(
      id: "payment.\(id)" + (subject.isEmpty ? "" : "/\(subject)"), code: "", group: .payment,
      title: subject.isEmpty ? title : whole, verdict: finding.verdict,
      words: finding.words, fix: finding.fix, isBlind: finding.isBlind, because: nil)
  }

  /// What the rows of the checklist are about.
  private static let subjects = [
    "key": "密钥", "digest": "算法", "fields": "字段", "encoding": "编码", "amount": "金额",
    "header": "请求头", "pair": "证书与私钥", "serial": "证书序列号", "lines": "行数", "path": "路径",
    "clock": "时间", "answer": "应答", "rest": "结论",
  ]

  /// The listener, once there is a wire.
  private final class Mute {
    private var tap: Tap?

    func attach(_ wire: any Exchange) -> any Exchange {
      let tap = Tap(wire)
      self.tap = tap
      return tap
    }

    var traces: [Tap.Trace] { tap?.traces ?? [] }
  }
}
