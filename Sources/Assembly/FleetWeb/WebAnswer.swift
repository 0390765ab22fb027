internal import Core
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Storage

/// Requests and answers as the machines' and the platform's ports have them.
enum WebAnswer {
  /// Reads a body that must be small; 413 when it is not.
  static func body(_ request: Request, upTo limit: Int) async throws -> [UInt8] {
    do {
      let body = try await request.body.collect(upTo: limit)
      return Array(body.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw HTTPError(.contentTooLarge, message: "more than \(limit) bytes")
    }
  }

  /// Reads a call's JSON; 400 when it is none, or not of that form.
  static func read<Value: Decodable>(
    _ type: Value.Type, _ request: Request
  ) async throws -> Value {
    let bytes = try await body(request, upTo: CoreCall.byteLimit)
    guard let text = String(validating: bytes, as: UTF8.self),
      let value = try? JSONText.decode(type, from: text)
    else { throw HTTPError(.badRequest, message: "not the JSON that belongs here") }
    return value
  }

  /// An answer in JSON, which nobody keeps.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok
  ) throws -> Response {
    let text = try JSONText.encode(value)
    return bytes(Array(text.utf8), type: "application/json", status: status)
  }

  /// Any answer, which nobody keeps.
  static func bytes(
    _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok
  ) -> Response {
    var headers = HTTPFields()
    if !type.isEmpty { headers[.contentType] = type }
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
