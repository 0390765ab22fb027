public import MachineFiles
internal import NetworkClient
public import WeChatPay

extension MachineConfiguration.Payment {
  /// The merchant's account, of the version of the API that it is used by.
  public enum Account: Sendable {
    case v2(WeChatPayV2.Account)
    case v3(WeChatPayV3.Account)
  }

  /// The provider's client, its files read and checked; nothing is asked yet.
  ///
  /// `wrap` may listen in on the wire.
  public func makeProvider(
    wrapping wrap: ((any Exchange) -> any Exchange)? = nil
  ) throws(AccountRefusal) -> any WeChatProvider {
    switch try account() {
    case .v2(let account):
      WeChatPayV2(account, exchange: wrap.map { $0(HTTPSExchange(account)) })
    case .v3(let account):
      WeChatPayV3(account, exchange: wrap.map { $0(HTTPSExchange(account)) })
    }
  }

  /// The account, its files read and checked.
  public func account() throws(AccountRefusal) -> Account {
    if let v3 {
      do throws(WeChatPayV3.AccountError) {
        return .v3(try accountV3(v3))
      } catch {
        throw .v3(error)
      }
    }
    do throws(WeChatPayV2.AccountError) {
      return .v2(try accountV2())
    } catch {
      throw .v2(error)
    }
  }

  private func accountV2() throws(WeChatPayV2.AccountError) -> WeChatPayV2.Account {
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
    return try WeChatPayV2.Account(
      appID: appID, merchantID: merchantID, key: key,
      signType: signType == .md5 ? .md5 : .hmacSHA256, notifyURL: notifyURL,
      terminalAddress: terminalAddress, endpoint: endpoint, spareEndpoint: spareEndpoint,
      certificate: certificate, caFile: caFile)
  }

  private func accountV3(_ v3: V3) throws(WeChatPayV3.AccountError) -> WeChatPayV3.Account {
    let secret: APIKey
    do throws(APIKeyError) {
      secret = try APIKey(file: keyFile)
    } catch {
      throw .secret(error)
    }
    let keys: WeChatPayV3.Account.Keys
    do throws(CertificateError) {
      keys = WeChatPayV3.Account.Keys(
        signing: try SigningKey(pemFile: certificateKeyFile ?? ""), secret: secret,
        platform: try v3.platformKeys())
    } catch {
      throw .certificate(error)
    }
    return try WeChatPayV3.Account(
      appID: appID, merchantID: merchantID, serial: try merchantSerial(v3), keys: keys,
      notifyURL: notifyURL, terminalAddress: terminalAddress, endpoint: endpoint,
      spareEndpoint: spareEndpoint, caFile: caFile)
  }

  /// The serial that the file says and the certificate has, if it is there: they must agree.
  private func merchantSerial(_ v3: V3) throws(WeChatPayV3.AccountError) -> String {
    guard let certificateFile else { return v3.merchantSerial ?? "" }
    let (serial, isPair): (String, Bool)
    do throws(CertificateError) {
      serial = try Certificate(pemFile: certificateFile).serial
      isPair = try Certificate.keyFile(certificateKeyFile ?? "", belongsTo: certificateFile)
    } catch {
      throw .certificate(error)
    }
    guard isPair else { throw .keyMismatch(certificateFile) }
    guard v3.merchantSerial.map({ $0 == serial }) ?? true else {
      throw .serialMismatch(certificateFile, serial)
    }
    return serial
  }
}

extension MachineConfiguration.Payment.V3 {
  /// What the platform signs with, from its files.
  func platformKeys() throws(CertificateError) -> [PlatformKey] {
    var keys: [PlatformKey] = []
    if let platformKeyFile, let platformKeyID {
      let key = try VerifyingKey(pemFile: platformKeyFile)
      guard let named = PlatformKey(publicKey: key, id: platformKeyID) else {
        throw .notPublicKey(platformKeyFile)
      }
      keys.append(named)
    }
    for file in platformCertificateFiles {
      guard let key = PlatformKey(certificate: try VerifyingKey(pemFile: file)) else {
        throw .notCertificate(file)
      }
      keys.append(key)
    }
    return keys
  }
}
