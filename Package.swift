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
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CFreeType", pkgConfig: "freetype2", apt: "libfreetype-dev"),
    system("CGPIO", pkgConfig: "libgpiod", apt: "libgpiod-dev"),
    system("CLinux"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CUSB", pkgConfig: "libusb-1.0", apt: "libusb-1.0-0-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),

    rules("Timing"),
    rules("Money"),
    rules("Pixels"),
    rules("Ordering", ["Money", "Timing"]),
    rules("Vending", ["Money", "Ordering", "Timing"]),

    edge("Platform", ["CLinux", "Timing"]),
    edge("Devices", ["CGPIO", "CLinux", "Platform", "Timing"]),
    edge("Displays", ["CZlib", "Devices", "Pixels", "Platform", "Timing"]),
    edge("Rendering", ["CFreeType", "CQREncode", "Money", "Pixels", "Vending"]),
    edge("Network", ["CCurl", "COpenSSL", "Platform", "Timing"]),
    edge("WeChatPay", ["Money", "Network", "Ordering", "Platform", "Timing"]),
    edge("Storage", ["CSQLite", "Platform", "Timing"]),
    edge(
      "Configuration",
      [
        "Money", "Ordering", "Platform", "Timing", "Vending",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ]),
    edge("Control", ["Platform", "Timing"]),
    edge("USBInventory", ["CUSB"]),

    assembly(
      "Core", ["Control", "Money", "Ordering", "Platform", "Storage", "Timing"]),
    assembly("Wiring", ["Configuration", "Devices", "Displays", "WeChatPay"]),
    assembly(
      "Daemon",
      [
        "Configuration", "Control", "Devices", "Displays", "Money", "Network", "Ordering",
        "Core", "Pixels", "Platform", "Rendering", "Storage", "Timing", "Vending",
        "WeChatPay", "Wiring",
      ]),
    assembly(
      "Diagnostics",
      [
        "Configuration", "Control", "Devices", "Displays", "Money", "Network", "Ordering",
        "Core", "Pixels", "Platform", "Rendering", "Storage", "Timing", "USBInventory",
        "Vending", "WeChatPay", "Wiring",
      ]),
    assembly(
      "Simulation",
      [
        "Configuration", "Devices", "Displays", "Money", "Pixels", "Platform", "Timing",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),

    program("vendd", ["Configuration", "Daemon", "Platform"]),
    program(
      "vendctl",
      [
        "Configuration", "Control", "Diagnostics", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    program(
      "vendsim",
      [
        "Platform", "Simulation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
