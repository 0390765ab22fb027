import ArgumentParser
import Proof

/// The payment core of a simulated world, as it is named on the command line.
enum SimulatedCore: String, ExpressibleByArgument, CaseIterable {
  case embedded, service

  var kind: PaymentCoreKind {
    switch self {
    case .embedded: .embedded
    case .service: .service
    }
  }
}
