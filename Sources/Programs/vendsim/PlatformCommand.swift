import PaymentPlatform
import ArgumentParser
import Platform
import Simulation
import Timing

/// `vendsim platform`: the payment platform alone.
struct PlatformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "platform", abstract: "Run only the payment platform.",
    discussion: """
      It is for a merchant's own client; what happens is printed. Bills (/pay/downloadbill) can be \
      had while their day still runs.
      """)

  @Option(help: "The port on 127.0.0.1; a free one when 0.")
  var port = 0

  @Option(help: "An existing folder for certificates and keys.")
  var folder: String

  func run() async throws {
    var settings = WeChatPlatform.Settings(
      directory: folder, merchants: [SimulatedMachine.merchant], seed: RandomBits.next())
    settings.port = port
    settings.policy.makesBillsAtOnce = true
    let platform = try await WeChatPlatform(settings)
    let merchant = SimulatedMachine.merchant
    StandardOutput.write(
      """
      endpoint = "\(platform.origin)"
      app_id = "\(merchant.appID)"
      merchant_id = "\(merchant.id)"
      ca_file = "\(platform.authority.authorityFile)"
      certificate_file = "\(platform.authority.certificateFile(of: merchant.id))"
      certificate_key_file = "\(platform.authority.keyFile(of: merchant.id))"
      # API key: \(merchant.apiKey)

      """)
    _ = try await Interruption.race {
      var seen = 0
      while !Task.isCancelled {
        let rings = platform.bell.rings
        for event in platform.model.events where event.index > seen {
          seen = event.index
          StandardOutput.write(
            "\(event.at.rfc3339) \(event.kind.rawValue) \(event.order) \(event.words)\n")
        }
        await platform.bell.wait(after: rings, atMost: .seconds(1))
      }
    }
    await platform.stop()
  }
}
