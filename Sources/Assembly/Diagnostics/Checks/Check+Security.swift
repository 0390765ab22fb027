internal import MachineFiles
internal import Control
internal import Inspection
internal import NetworkClient
internal import Platform
internal import Vending

// Who may see and do what on this computer.
extension Check {
  static var securityChecks: [Check] {
    [openFiles, root, endpoint, password, ssh, ports, dumps, accounts, serviceCode]
  }

  private static var openFiles: Check {
    machine("security.files", .security, Bilingual("file permissions", "文件权限")) {
      machine, examination in
      let site = examination.site
      var findings: [Finding] = []
      // Who may write the machine file sets the prices and the payee.
      for path in [examination.path, machine.boardFile] {
        guard case .success(let facts) = site.facts(path), facts.isWritableByAll else { continue }
        findings.append(
          .failure(
            "writable", "everybody may write \(path)", "任何人都可修改 \(path)",
            fix: .both("sudo chmod o-w \(path)"), of: path))
      }
      let directory = machine.stateDirectory
      if case .success(let facts) = site.facts(directory),
        facts.isReadableByAll || facts.isWritableByAll
      {
        findings.append(
          .warning(
            "state", "the state directory is open to everybody (mode \(facts.modeText))",
            "状态目录对所有人开放（权限 \(facts.modeText)）",
            fix: .both("sudo chmod 750 \(directory)"), of: directory))
      }
      let socket = machine.controlSocket
      if case .success(let facts) = site.facts(socket), facts.isWritableByAll {
        findings.append(
          .failure(
            "socket", "everybody may give vendd orders", "任何人都可向 vendd 下达指令",
            fix: .both("sudo chmod 660 \(socket)"), of: socket))
      }
      return findings.isEmpty
        ? [.ok("nothing is open to everybody", "没有对所有人开放的文件")] : findings
    }
  }

  private static var root: Check {
    machine("security.user", .security, Bilingual("daemon's user", "守护进程用户")) {
      _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("vendd does not run", "vendd 未运行")]
      }
      guard case .success(let facts) = examination.site.facts("/proc/\(status.process)") else {
        return [
          .blind(
            "no /proc/\(status.process)", "没有 /proc/\(status.process)",
            fix: .both("ps -o user= -p \(status.process)"))
        ]
      }
      return facts.userID == 0
        ? [
          .warning(
            "root", "vendd works as root", "vendd 以 root 身份运行",
            fix: .both("sudo kill \(status.process); sudo systemctl start vendd"))
        ] : [.ok("not root (user \(facts.userID))", "不是 root（用户 \(facts.userID)）")]
    }
  }

  private static var endpoint: Check {
    machine("security.endpoint", .security, Bilingual("endpoint", "支付接入点")) {
      machine, examination in
      guard let payment = machine.payment else { return [] }
      guard let endpoint = payment.endpoint else {
        return [.ok("WeChat Pay's own", "微信支付官方")]
      }
      return [
        .warning(
          "other", "not WeChat Pay's own: \(endpoint)", "不是微信支付官方：\(endpoint)",
          fix: Bilingual(
            "before real money take payment.endpoint out: sudoedit \(examination.path)",
            "正式收款前删除 payment.endpoint：sudoedit \(examination.path)"))
      ]
    }
  }

  /// Raspberry Pi OS makes this file while ssh is on and user pi has the default password.
  private static let warnings = ["/run/sshwarn", "/etc/xdg/autostart/pprompt.desktop"]

  private static var password: Check {
    general("security.password", .security, Bilingual("default password", "默认密码")) {
      examination in
      let fix = Bilingual.both("sudo passwd pi")
      if examination.site.facts(warnings[0]).isSuccess {
        return [
          .failure(
            "default", "user pi has the password that everybody knows", "用户 pi 仍使用默认密码", fix: fix)
        ]
      }
      // An empty second field of shadow(5) is no password at all; only root may look.
      let empty = examination.site.text("/etc/shadow").split(separator: "\n").compactMap { line in
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        return fields.count > 1 && fields[1].isEmpty ? String(fields[0]) : nil
      }
      guard let first = empty.first else { return [.ok("none known", "未发现")] }
      return [
        .failure(
          "empty", "no password at all: \(Words.few(empty))", "没有密码：\(Words.few(empty))",
          fix: .both("sudo passwd \(first)"))
      ]
    }
  }

  private static let sshFolder = "/etc/ssh/sshd_config.d"

  private static var ssh: Check {
    general("security.ssh", .security, Bilingual("ssh", "ssh")) { examination in
      let site = examination.site
      guard examination.processes.contains(where: { $0.name == "sshd" }) else {
        return [.ok("does not run", "未运行")]
      }
      // The first word counts (sshd_config(5)); Debian includes the folder at the very top.
      let files = site.list(sshFolder).filter { $0.hasSuffix(".conf") }.map { "\(sshFolder)/\($0)" }
      let text = (files + ["/etc/ssh/sshd_config"]).map { site.text($0) }.joined(separator: "\n")
      let words = text.split(separator: "\n").map {
        $0.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
      }
      func value(_ name: String) -> String? {
        words.first { $0.count > 1 && $0[0] == name }?[1]
      }
      guard !text.isEmpty || value("passwordauthentication") != nil else {
        return [.skipped("its configuration is not ours to read", "无权读取其配置")]
      }
      let fix = Bilingual.both(
        "echo 'PasswordAuthentication no' | sudo tee \(sshFolder)/vend.conf; "
          + "sudo systemctl reload ssh")
      if value("permitrootlogin") == "yes" {
        return [.warning("root", "root may log in by password", "root 可用密码登录", fix: fix)]
      }
      return value("passwordauthentication") == "no"
        ? [.ok("keys only", "仅限密钥登录")]
        : [
          .warning(
            "password", "whoever guesses a password comes in", "可用密码登录，存在被猜中的风险", fix: fix)
        ]
    }
  }

  /// What sends passwords in the clear, or shows the screen to whoever asks.
  private static let doubtful: [Int: String] = [
    21: "ftp", 23: "telnet", 512: "rexec", 513: "rlogin", 514: "rsh", 5900: "vnc",
  ]

  private static var ports: Check {
    general("security.ports", .security, Bilingual("open ports", "开放端口")) { examination in
      let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map { examination.site.text($0) }
      let found = tables.flatMap { $0.split(separator: "\n") }.compactMap { line -> String? in
        let fields = line.split(separator: " ")
        // State 0A listens; an address of the loopback is nobody else's.
        guard fields.count > 3, fields[3] == "0A", !fields[1].hasPrefix("0100007F"),
          let colon = fields[1].lastIndex(of: ":"),
          let port = Int(fields[1][fields[1].index(after: colon)...], radix: 16)
        else { return nil }
        return doubtful[port]
      }
      guard let first = found.first else { return [.ok("nothing doubtful", "没有可疑端口")] }
      let names = Words.few(Set(found).sorted())
      return [
        .warning(
          "open", "\(names) listens to everybody", "\(names) 对外开放",
          fix: .both("sudo ss -ltnp; sudo apt-get purge '*\(first)*'"))
      ]
    }
  }

  private static var dumps: Check {
    machine("security.dumps", .security, Bilingual("core dumps", "核心转储")) { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("vendd does not run", "vendd 未运行")]
      }
      let text = examination.site.text("/proc/\(status.process)/limits")
      let line = text.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
      guard let limit = line?.split(separator: " ").dropFirst(4).first else {
        return [.skipped("not ours to see", "无权查看")]
      }
      // One byte: none would still feed the pipe of a crash reporter (core(5)).
      return limit == "1" || limit == "0"
        ? [.ok("none: keys stay in memory", "已禁止：密钥不会落盘")]
        : [
          .warning(
            "on", "a crash of vendd would write its keys to the disk", "vendd 崩溃时会把密钥写入磁盘",
            fix: .both("sudo board/install; sudo systemctl restart vendd"))
        ]
    }
  }

  private static var accounts: Check {
    general("security.accounts", .security, Bilingual("accounts of root's", "root 权限账户")) {
      examination in
      let users = examination.site.text("/etc/passwd").split(separator: "\n").compactMap {
        line -> String? in
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        return fields.count > 2 && fields[2] == "0" && fields[0] != "root" ? String(fields[0]) : nil
      }
      guard let first = users.first else { return [.ok("root alone", "只有 root")] }
      return [
        .failure(
          "second", "\(Words.few(users)) is root by another name", "\(Words.few(users)) 拥有 root 权限",
          fix: .both("sudo userdel -f \(first)"))
      ]
    }
  }

  private static var serviceCode: Check {
    machine("security.service-code", .security, Bilingual("service code", "维护密码")) {
      machine, examination in
      guard let path = machine.service?.codeFile else {
        return [.ok("not wanted: the keypad opens no menu", "未启用：键盘不能进入维护菜单")]
      }
      if let finding = exposure(path, examination) { return [finding] }
      let fix = Bilingual.both("sudo vendctl service code; sudo systemctl restart vendd")
      switch examination.site.read(path) {
      case .success(let bytes) where CodeHash(text: String(decoding: bytes, as: UTF8.self)) != nil:
        return [.ok("set, as a hash", "已设置（仅保存散列）")]
      case .failure(let error)
      where error.isPermission || error.isAbsence && path.hasPrefix("/run/credentials/"):
        return [.skipped("\(path) is there only for vendd", "\(path) 仅供 vendd 使用")]
      case .success, .failure:
        return [
          .warning(
            "none", "\(path) holds none: the keypad opens no menu",
            "\(path) 中没有维护密码：键盘不能进入维护菜单", fix: fix)
        ]
      }
    }
  }
}
