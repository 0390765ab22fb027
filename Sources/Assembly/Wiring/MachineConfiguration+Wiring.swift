public import MachineFiles
internal import NetworkClient
public import WeChatPay

extension MachineConfiguration.Payment {
  /// The provider's client, its files read and checked; nothing is asked yet.
  public func makeProvider() throws(WeChatPayV2.AccountError) -> WeChatPayV2 {
    let key: APIKey
    do throws(APIKeyError) {
      key = try APIKey(file: keyFile)
    } catch {
      throw .key(error)
    }
    var certificate: HTTPClient.ClientCertificate?
    if let certificateFile, let certificateKeyFile {
      certificate = HTTPClient.ClientCertificate(
        certificateFile: certificateFile, keyFile: certificateKeyFile)
    }
    let account = try WeChatPayV2.Account(
      appID: appID, merchantID: merchantID, key: key,
      signType: signType == .md5 ? .md5 : .hmacSHA256, notifyURL: notifyURL,
      terminalAddress: terminalAddress, endpoint: endpoint, certificate: certificate,
      caFile: caFile)
    return WeChatPayV2(account)
  }
}
