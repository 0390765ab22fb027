public import Ordering

extension HTTPFailure {
  /// Which leg of the way to the provider, or to a payment service, has failed.
  public var doubtCause: Doubt.Cause {
    switch cause {
    case .nameNotResolved: .nameNotResolved
    case .unreachable, .badRequest: .unreachable
    case .tls, .unusableFile: .tls
    case .timeout: .timeout
    case .broken: .broken
    case .tooLarge: .notAnAnswer
    }
  }
}
