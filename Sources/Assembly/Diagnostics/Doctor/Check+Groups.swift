public import Vending

extension Check.Group {
  /// The group's heading.
  public var title: Bilingual {
    switch self {
    case .configuration: Bilingual("configuration", "配置")
    case .board: Bilingual("board", "主板")
    case .kernel: Bilingual("kernel", "内核")
    case .memory: Bilingual("memory", "内存与负载")
    case .lines: Bilingual("lines", "控制线路")
    case .keypad: Bilingual("keypad", "键盘")
    case .relays: Bilingual("relays", "继电器")
    case .sensor: Bilingual("sensor", "传感器")
    case .lanes: Bilingual("lanes", "货道")
    case .display: Bilingual("display", "显示屏")
    case .fonts: Bilingual("fonts", "字体")
    case .serial: Bilingual("serial", "串口")
    case .usb: Bilingual("usb", "USB")
    case .storage: Bilingual("storage", "存储")
    case .clock: Bilingual("clock", "时钟")
    case .network: Bilingual("network", "网络")
    case .tls: Bilingual("tls", "TLS 证书")
    case .credentials: Bilingual("credentials", "商户凭据")
    case .core: Bilingual("core", "支付核心")
    case .payment: Bilingual("payment", "支付")
    case .systemd: Bilingual("systemd", "系统服务")
    case .security: Bilingual("security", "安全")
    case .money: Bilingual("money", "款项")
    }
  }
}

extension Verdict {
  /// The verdict as the report's first column has it.
  var word: Bilingual {
    switch self {
    case .ok: Bilingual("ok", "正常")
    case .warning: Bilingual("warning", "警告")
    case .failure: Bilingual("failure", "故障")
    case .skipped: Bilingual("skipped", "跳过")
    }
  }
}
