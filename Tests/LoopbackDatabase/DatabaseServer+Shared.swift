public import Simulation

extension DatabaseServer {
  /// The one server that the tests share.
  public static let shared: DatabaseServer = {
    do throws(Failure) {
      return try DatabaseServer()
    } catch {
      preconditionFailure("\(error)")
    }
  }()
}
