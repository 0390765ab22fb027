/// The house's law as data: who may import whom, how long things may be, and the few exceptions.
///
/// An exception stands here with its reason, not in the file that needs it.
enum House {
  static let longestFile = 500
  static let longestLine = 100
  static let longestFunction = 70

  /// The folders of `Sources`, lowest first.
  static let layers = ["System", "Rules", "Edges", "Assembly", "Programs"]

  /// What each layer may see of the project; its own layer is named where peers may be seen.
  static let visibleLayers: [String: Set<String>] = [
    "Rules": ["Rules"],
    "Edges": ["Rules", "System"],
    "Assembly": ["Rules", "Edges"],
    "Programs": ["Rules", "Edges", "Assembly"],
  ]

  /// The edges and assemblies that may see a peer; every edge but `Platform` may see `Platform`.
  static let peers: [String: Set<String>] = [
    "BackOffice": ["NetworkClient", "WeChatPay"],
    "WeChatPay": ["NetworkClient"],
    "Displays": ["Devices", "Imaging", "USB"],
    // The contract, and beside it its form in one file.
    "FleetStorage": ["Storage"],
    "PostgresStorage": ["FleetStorage"],
    "CoreService": ["Core"],
    "Daemon": ["Accounts", "Core", "Wiring"],
    "Diagnostics": ["Accounts", "Audit", "Core", "Wiring"],
    "FleetService": ["Accounts", "Core", "CoreService", "FleetWeb"],
    "FleetWeb": ["Core", "CoreService"],
    // Who simulates is judged by an auditor that knows nothing of what is simulated.
    "Proof": ["Audit", "Core", "CoreService", "PaymentPlatform"],
    "Simulation": ["Audit", "Core", "PaymentPlatform", "Wiring"],
  ]

  /// A C library belongs to one edge; only the Linux calls and zlib are shared.
  static let librarians: [String: Set<String>] = [
    "CCurl": ["NetworkClient"],
    "CFreeType": ["Rendering"],
    "CGPIO": ["Devices"],
    "CFramebuffer": ["Displays"],
    "CMosquitto": ["Messaging"],
    "CLinux": ["Platform", "Devices", "Control", "Inspection", "Simulation"],
    "COpenSSL": ["NetworkClient"],
    "CPostgres": ["PostgresStorage"],
    "CQREncode": ["Rendering"],
    "CSQLite": ["Storage"],
    "CTrace": ["Simulation"],
    "CUSB": ["USB"],
    "CZlib": ["Imaging", "NetworkClient"],
  ]

  /// What the toolchain brings.
  ///
  /// `Rules` are values alone and import none of it.
  static let toolchain: Set<String> = ["Glibc", "Synchronization", "FoundationEssentials"]

  /// Modules that may use FoundationEssentials (10 MB of binary): who, and for what.
  static let essentials: [String: String] = [
    "Control": "JSON on the control socket",
    "Diagnostics": "JSON of the doctor's report",
    "Storage": "JSON of the records",
    "Simulation": "JSON of the front panel; never on a board",
    "Telemetry": "JSON of MQTT messages; a process of its own",
    "vendctl": "JSON for scripts",
    "vendsim": "JSON for scripts; never on a board",
  ]

  /// Modules of other packages: who may import them.
  static let guests: [String: Set<String>] = [
    "ArgumentParser": ["vendctl", "vendpay", "vendsim"],
    "Crypto": ["PaymentPlatform"],
    "CryptoExtras": ["PaymentPlatform"],
    "HTTPTypes": ["FleetWeb", "Simulation"],
    "Hummingbird": ["FleetWeb", "Simulation"],
    "HummingbirdCore": ["FleetWeb", "Simulation"],
    "HummingbirdTLS": ["FleetWeb", "Simulation"],
    "Logging": ["FleetWeb", "Simulation"],
    "NIOCore": ["FleetWeb", "Simulation"],
    "NIOHTTP1": ["FleetWeb"],
    "NIOHTTPTypes": ["FleetWeb", "Simulation"],
    "NIOPosix": ["FleetWeb", "Simulation"],
    "NIOSSL": ["FleetWeb", "Simulation"],
    "ServiceLifecycle": ["FleetWeb"],
    "TOMLKit": ["MachineFiles"],
  ]

  /// What a test may import beside what its target declares.
  static let testing: Set<String> = [
    "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing",
  ]

  /// What must not come near the daemon, by whatever road.
  static let neverInDaemon: Set<String> = [
    "ArgumentParser", "BackOffice", "CoreService", "Crypto", "FleetService", "FleetStorage",
    "FleetWeb", "Hummingbird", "HummingbirdTLS", "Messaging", "NIOSSL", "PaymentPlatform",
    "PostgresStorage", "Proof", "ServiceLifecycle", "Simulation", "Telemetry",
  ]

  /// Functions that may be longer, by file: each the one big `switch` of a reducer.
  static let longFunctions: [String: Set<String>] = [:]
}
