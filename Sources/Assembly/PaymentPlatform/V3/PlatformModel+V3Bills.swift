internal import Money
internal import Timing

/// Bills and certificates of v3 (facts: WeChat Pay B.8).
extension PlatformModel {
  /// A bill that was announced, and until when it can be fetched.
  struct BillTicket: Hashable {
    var merchant: String
    var file: [UInt8]
    var until: WallTime
  }

  mutating func announceBill(
    _ request: PlatformRequest, _ call: PlatformV3Call, _ merchant: PlatformMerchant,
    at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    guard let date = request.parameter("bill_date"), !date.isEmpty else {
      throw .missing("/query/bill_date", "账单日期")
    }
    let compact = date.filter { $0 != "-" }
    guard date.utf8.count == 10, compact.count == 8,
      let start = WallTime(beijingCompact: "\(compact)000000")
    else {
      throw .parameter("/query/bill_date", "账单日期格式错误，应为yyyy-MM-dd", value: date)
    }
    let packing = request.parameter("tar_type") ?? ""
    guard packing.isEmpty || packing == "GZIP" else {
      throw .parameter("/query/tar_type", "压缩类型不支持", value: packing)
    }
    let readyAt = policy.makesBillsAtOnce ? start : start + .seconds(34 * 3600)
    if now < readyAt {
      throw PlatformRefusal(400, "STATEMENT_CREATING", "账单生成中，请稍后再试")
    }
    guard now - start < .seconds(92 * 86_400),
      let text = try billText(request, call, merchant, from: start)
    else { throw PlatformRefusal(400, "NO_STATEMENT_EXIST", "账单文件不存在") }
    let token = random.text(count: 32)
    tickets = tickets.filter { $0.value.until > now }
    tickets[token] = BillTicket(
      merchant: merchant.id, file: packing == "GZIP" ? PlatformFile.gzip(text) : text,
      until: now + policy.billAddressLife)
    note(.queried, "", "the \(call.rawValue) of \(date): \(text.count) bytes, by v3", at: now)
    return .object(
      .object([
        .init("hash_type", "SHA1"), .init("hash_value", PlatformFile.sha1(text)),
        .init("download_url", "\(origin)\(PlatformRoute.billFile)?token=\(token)"),
      ]))
  }

  private func billText(
    _ request: PlatformRequest, _ call: PlatformV3Call, _ merchant: PlatformMerchant,
    from start: WallTime
  ) throws(PlatformRefusal) -> [UInt8]? {
    guard call == .fundFlowBill else {
      let type = request.parameter("bill_type") ?? "ALL"
      guard type == "ALL" else {
        throw .parameter("/query/bill_type", "账单类型不支持", value: type)
      }
      return PlatformBill(of: orders, merchant, from: start)?.bytes
    }
    let account = request.parameter("account_type") ?? "BASIC"
    guard ["BASIC", "OPERATION", "FEES"].contains(account) else {
      throw .parameter("/query/account_type", "资金账户类型不支持", value: account)
    }
    // Payments and their refunds move the basic account alone.
    return account == "BASIC"
      ? PlatformFundBill(of: orders, merchants[merchant.id] ?? merchant, from: start)?.bytes : nil
  }

  mutating func handOutBill(
    _ request: PlatformRequest, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    guard let ticket = tickets[request.parameter("token") ?? ""], ticket.merchant == merchant.id,
      now < ticket.until
    else { throw PlatformRefusal(400, "INVALID_REQUEST", "下载链接过期，请重新请求文件下载") }
    return .file(ticket.file)
  }

  mutating func listCertificates(
    _ request: PlatformRequest, _ merchant: PlatformMerchant, at now: WallTime
  ) throws(PlatformRefusal) -> PlatformV3Outcome {
    guard let account = accounts[merchant.id], let secret = account.secret else {
      throw .unsigned("商户未设置APIv3密钥。")
    }
    let known = account.mode == .publicKey ? [] : account.platformCertificates
    var list: [PlatformJSON] = []
    for key in known {
      guard let certificate = key.certificate, now < certificate.notAfter,
        let hidden = PlatformAEAD.seal(
          Array(certificate.pem.utf8), key: secret, nonce: random.text(count: 12),
          data: "certificate")
      else { continue }
      list.append(
        .object([
          .init("serial_no", key.serial),
          .init("effective_time", certificate.notBefore.beijingRFC3339),
          .init("expire_time", certificate.notAfter.beijingRFC3339),
          .init("encrypt_certificate", hidden),
        ]))
    }
    guard !list.isEmpty else {
      throw PlatformRefusal(
        404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。")
    }
    note(.queried, "", "\(list.count) platform certificates", at: now)
    return .object(.object([.init("data", .list(list))]))
  }
}
