public import WeChatPay

/// What is wrong with an account, whichever version of the API it is for.
public enum AccountRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  case v2(WeChatPayV2.AccountError)
  case v3(WeChatPayV3.AccountError)

  public var description: String {
    switch self {
    case .v2(let error): "\(error)"
    case .v3(let error): "\(error)"
    }
  }
}
