// swift-tools-version: 6.2
import PackageDescription

// The house: Programs -> Assembly -> Edges -> System, and everything may see Rules.
// SwiftPM does not stop a transitive import, so Tests/TidyTests holds the same table again.

let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
/// Where C is called, every use of a pointer says `unsafe`.
let houseWithC: [SwiftSetting] = house + [.strictMemorySafety()]

func rules(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Rules/\(name)", swiftSettings: house)
}

func edge(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Edges/\(name)",
    swiftSettings: houseWithC)
}

func assembly(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Assembly/\(name)", swiftSettings: house)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", swiftSettings: house)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests",
    resources: resources, swiftSettings: house)
}

func system(_ name: String, pkgConfig: String? = nil, apt package: String? = nil) -> Target {
  .systemLibrary(
    name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig,
    providers: package.map { [.apt([$0])] })
}

let package = Package(
  name: "vend",
  products: [
    .executable(name: "vendd", targets: ["vendd"]),
    .executable(name: "vendctl", targets: ["vendctl"]),
    .executable(name: "vendsim", targets: ["vendsim"]),
    .executable(name: "vendtelemetry", targets: ["vendtelemetry"]),
    .executable(name: "vendpay", targets: ["vendpay"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
  ],
  targets: [
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CFramebuffer"),
    system("CFreeType", pkgConfig: "freetype2", apt: "libfreetype-dev"),
    system("CGPIO", pkgConfig: "libgpiod", apt: "libgpiod-dev"),
    system("CLinux"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    system("CMosquitto", pkgConfig: "libmosquitto", apt: "libmosquitto-dev"),
    system("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CTrace"),
    system("CUSB", pkgConfig: "libusb-1.0", apt: "libusb-1.0-0-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),

    rules("Timing"),
    rules("Money"),
    rules("Pixels"),
    rules("Ordering", ["Money", "Timing"]),
    rules("Vending", ["Money", "Ordering", "Timing"]),

    edge("Platform", ["CLinux", "Timing"]),
    edge("BackOffice", ["Money", "NetworkClient", "Ordering", "Timing", "WeChatPay"]),
    edge(
      "MachineFiles",
      ["Money", "Platform", "Timing", .product(name: "TOMLKit", package: "TOMLKit")]),
    edge("Control", ["CLinux", "Money", "Ordering", "Platform", "Timing", "Vending"]),
    edge("Devices", ["CGPIO", "CLinux", "Ordering", "Pixels", "Platform", "Timing"]),
    edge(
      "Displays", ["CFramebuffer", "Devices", "Imaging", "Pixels", "Platform", "Timing", "USB"]),
    edge("FleetStorage", ["Money", "Ordering", "Platform", "Storage", "Timing"]),
    edge("Imaging", ["CZlib", "Pixels"]),
    edge("Inspection", ["Platform", "Timing"]),
    edge("Messaging", ["CMosquitto", "Timing"]),
    edge("NetworkClient", ["CCurl", "COpenSSL", "CZlib", "Ordering", "Platform", "Timing"]),
    edge(
      "PostgresStorage",
      ["CPostgres", "FleetStorage", "Money", "Ordering", "Platform", "Timing"]),
    edge("Rendering", ["CFreeType", "CQREncode", "Money", "Pixels", "Vending"]),
    edge("Storage", ["CSQLite", "Platform", "Timing"]),
    edge("USB", ["CUSB", "Platform", "Timing"]),
    edge("WeChatPay", ["Money", "NetworkClient", "Ordering", "Platform", "Timing"]),

    assembly("Accounts", ["MachineFiles", "NetworkClient", "WeChatPay"]),
    assembly("Audit", ["Money", "Storage", "Timing"]),
    assembly(
      "Core",
      [
        "Control", "Money", "NetworkClient", "Ordering", "Platform", "Storage", "Timing", "Vending",
      ]),
    assembly(
      "CoreService",
      [
        "BackOffice", "Core", "FleetStorage", "Money", "NetworkClient", "Ordering", "Platform",
        "Storage", "Timing", "WeChatPay",
      ]),
    assembly(
      "Wiring",
      ["MachineFiles", "Devices", "Displays", "Pixels", "Rendering", "USB", "Vending"]),
    assembly(
      "Daemon",
      [
        "Accounts", "MachineFiles", "Control", "Core", "Devices", "Displays", "Money",
        "NetworkClient", "Ordering", "Pixels", "Platform", "Rendering", "Storage", "Timing",
        "Vending", "WeChatPay", "Wiring",
      ]),
    assembly(
      "Diagnostics",
      [
        "Accounts", "Audit", "BackOffice", "MachineFiles", "Control", "Core", "Devices",
        "Displays", "Inspection", "Money", "NetworkClient", "Ordering", "Pixels", "Platform",
        "Rendering", "Storage", "Timing", "USB", "Vending", "WeChatPay", "Wiring",
      ]),
    assembly(
      "PaymentPlatform",
      [
        "Money", "Timing",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    assembly(
      "Proof",
      [
        "Audit", "Core", "CoreService", "Devices", "Displays", "FleetStorage", "Money",
        "NetworkClient", "Ordering", "PaymentPlatform", "Pixels", "Platform", "Storage", "Timing",
        "Vending", "WeChatPay",
      ]),
    assembly(
      "Simulation",
      [
        "Audit", "CLinux", "CTrace", "MachineFiles", "Control", "Core", "Devices", "Displays",
        "Imaging",
        "Money", "PaymentPlatform", "Pixels", "Platform", "Rendering", "Timing", "USB", "Vending",
        "Wiring",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),

    assembly(
      "FleetWeb",
      [
        "BackOffice", "Core", "CoreService", "FleetStorage", "Imaging", "Money", "NetworkClient",
        "Ordering", "Pixels", "Platform", "Rendering", "Storage", "Timing", "Vending",
        "WeChatPay",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    assembly(
      "FleetService",
      [
        "Accounts", "BackOffice", "Core", "CoreService", "FleetStorage", "FleetWeb",
        "MachineFiles", "Money", "NetworkClient", "Ordering", "Platform", "PostgresStorage",
        "Storage", "Timing", "WeChatPay",
      ]),
    assembly("Telemetry", ["Control", "MachineFiles", "Messaging", "Platform", "Timing"]),

    program("vendd", ["MachineFiles", "Daemon", "Platform"]),
    program(
      "vendctl",
      [
        "Audit", "MachineFiles", "Control", "Core", "Diagnostics", "Inspection", "Money",
        "Ordering", "Platform", "Timing", "Vending",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    program(
      "vendsim",
      [
        "Audit", "MachineFiles", "PaymentPlatform", "Platform", "Proof", "Simulation", "Timing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    program("vendtelemetry", ["MachineFiles", "Platform", "Telemetry"]),
    program(
      "vendpay",
      [
        "Control", "Core", "CoreService", "FleetService", "FleetStorage", "Inspection",
        "MachineFiles", "Platform", "Timing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Peers for tests: a core in memory, and a TLS server that can do everything wrong.
    .target(
      name: "EmulatedCore", dependencies: ["Money", "Ordering", "Timing"],
      path: "Tests/EmulatedCore", swiftSettings: house),
    // What a payment service stands on: a provider's books, and a store in trouble.
    .target(
      name: "EmulatedService",
      dependencies: ["EmulatedCore", "FleetStorage", "Ordering", "Timing"],
      path: "Tests/EmulatedService", swiftSettings: house),
    .target(
      name: "LoopbackTLS", dependencies: ["COpenSSL", "Platform", "Timing"],
      path: "Tests/LoopbackTLS", swiftSettings: house),
    // A payment service of one process: the emulated core behind HTTPS, with its tokens.
    .target(
      name: "ServedCore",
      dependencies: [
        "Core", "EmulatedCore", "LoopbackTLS", "NetworkClient", "Ordering", "Platform", "Storage",
        "Timing",
      ],
      path: "Tests/ServedCore", swiftSettings: house),
    // The one PostgreSQL server that the tests share.
    .target(
      name: "LoopbackDatabase", dependencies: ["Simulation"], path: "Tests/LoopbackDatabase",
      swiftSettings: house),
    // Looks for what does not hold: `board/mutate` builds it upon mistakes.
    .executableTarget(
      name: "hunt", dependencies: ["Audit", "Platform", "Proof"], path: "Tests/Hunt",
      swiftSettings: house),
    // Loads a service as a fleet and the payment platform would, for `board/bench`.
    .executableTarget(
      name: "fleetload",
      dependencies: [
        "BackOffice", "Core", "CoreService", "FleetStorage", "FleetWeb", "Money", "NetworkClient",
        "Ordering", "PaymentPlatform", "Platform", "PostgresStorage", "Simulation", "Timing",
        "WeChatPay",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Tests/FleetLoad", swiftSettings: house),
    // Shows pictures through a board file's driver: for devices outside the tests' process.
    .executableTarget(
      name: "paint",
      dependencies: ["Displays", "MachineFiles", "Pixels", "Platform", "Timing", "Wiring"],
      path: "Tests/Paint", swiftSettings: house),

    tests("Audit", ["Audit", "Money", "Platform", "Storage", "Timing"]),
    tests("MachineFiles", ["MachineFiles", "Money", "Platform"]),
    tests("Control", ["CLinux", "Control", "Money", "Platform", "Timing", "Vending"]),
    tests(
      "Core",
      [
        "Control", "Core", "EmulatedCore", "LoopbackTLS", "Money", "NetworkClient", "Ordering",
        "Platform", "ServedCore", "Storage", "Timing", "Vending",
      ]),
    tests(
      "CoreService",
      [
        "BackOffice", "Core", "CoreService", "EmulatedCore", "EmulatedService", "FleetStorage",
        "Money", "Ordering",
        "Platform", "Storage", "Timing", "WeChatPay",
      ]),
    tests(
      "Daemon",
      [
        "Core", "Daemon", "Displays", "EmulatedCore", "LoopbackTLS", "MachineFiles", "Money",
        "Ordering", "Pixels", "Platform", "Rendering", "ServedCore", "Storage", "Timing", "Vending",
      ]),
    tests("Devices", ["CLinux", "Devices", "Pixels", "Platform", "Timing"]),
    tests(
      "Diagnostics",
      [
        "Accounts", "Audit", "BackOffice", "CLinux", "MachineFiles", "Control", "Core", "Daemon",
        "Devices", "Diagnostics", "Displays", "Inspection", "Money", "NetworkClient", "Ordering",
        "PaymentPlatform", "Pixels", "Platform", "Rendering", "Simulation", "Storage", "Timing",
        "Vending", "WeChatPay", "Wiring", "vendctl",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], resources: [.copy("Golden")]),
    tests(
      "Displays",
      [
        "CFramebuffer", "CLinux", "COpenSSL", "CZlib", "Devices", "Displays", "Imaging", "Pixels",
        "Platform", "Timing", "USB",
      ],
      resources: [.copy("Resources")]),
    tests(
      "FleetService",
      ["Core", "FleetService", "FleetStorage", "MachineFiles", "Money", "Platform", "Timing"]),
    // One suite for every form of the store.
    tests(
      "FleetStorage",
      [
        "FleetStorage", "LoopbackDatabase", "Money", "Ordering", "Platform", "PostgresStorage",
        "Simulation", "Storage", "Timing",
      ]),
    tests(
      "FleetWeb",
      [
        "BackOffice", "Core", "CoreService", "EmulatedCore", "EmulatedService", "FleetStorage",
        "FleetWeb", "Imaging", "Money",
        "NetworkClient", "Ordering", "Pixels", "Platform", "Rendering", "Timing", "Vending",
        "WeChatPay",
        .product(name: "Hummingbird", package: "hummingbird"),
      ]),
    tests("Money", ["Money"]),
    tests(
      "NetworkClient",
      ["COpenSSL", "CZlib", "LoopbackTLS", "NetworkClient", "Platform", "Timing"]),
    tests("Ordering", ["EmulatedCore", "Money", "Ordering", "Timing"]),
    tests("Pixels", ["Pixels"]),
    tests("Platform", ["Platform", "Timing"]),
    // The executables are dependencies so that they are built: the tests run them as processes.
    tests(
      "Process",
      [
        "MachineFiles", "Control", "Core", "Devices", "Diagnostics", "Displays", "EmulatedCore",
        "Imaging", "LoopbackDatabase", "LoopbackTLS", "Money", "NetworkClient", "Ordering",
        "PaymentPlatform", "Pixels", "Platform", "ServedCore", "Simulation", "Storage", "Timing",
        "Vending", "paint", "vendctl", "vendd", "vendpay", "vendtelemetry",
      ]),
    tests("Proof", ["Audit", "Ordering", "Proof", "Timing", "Vending"]),
    tests(
      "Rendering",
      [
        "COpenSSL", "Displays", "Imaging", "Inspection", "Money", "Pixels", "Platform",
        "Rendering", "Vending",
      ]),
    tests(
      "Simulation",
      [
        "BackOffice", "MachineFiles", "Control", "Devices", "Displays", "Money", "NetworkClient",
        "Ordering", "PaymentPlatform", "Pixels", "Platform", "Rendering", "Simulation", "Timing",
        "Vending", "WeChatPay", "Wiring", "vendd", "vendpay",
        .product(name: "Hummingbird", package: "hummingbird"),
      ]),
    tests("Storage", ["CSQLite", "Platform", "Storage", "Timing"]),
    tests(
      "Telemetry",
      ["Control", "MachineFiles", "Messaging", "Platform", "Telemetry", "Timing"],
      resources: [.copy("Golden")]),
    tests("Tidy", []),
    tests("Timing", ["Timing"]),
    tests("USB", ["Platform", "Timing", "USB"]),
    tests(
      "Vending", ["EmulatedCore", "Money", "Ordering", "Timing", "Vending"],
      resources: [.copy("Resources")]),
    tests(
      "WeChatPay",
      [
        "BackOffice", "COpenSSL", "CZlib", "LoopbackTLS", "Money", "NetworkClient", "Ordering",
        "Platform", "Timing", "WeChatPay",
      ], resources: [.copy("Resources")]),
  ],
  swiftLanguageModes: [.v6]
)
