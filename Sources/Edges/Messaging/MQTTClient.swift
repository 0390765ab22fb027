internal import CMosquitto
internal import Timing

/// A client of an MQTT broker, over libmosquitto; it publishes and does nothing else.
///
/// It has no thread of its own: `turn` is its only motion, and blocks no longer than it is told to,
/// but for a connection that is being made.
@safe
public final class MQTTClient {
  /// Where the broker is, and who we are.
  public struct Settings: Hashable, Sendable {
    public var host: String
    public var port: Int
    /// Our name at the broker.
    public var name: String
    public var user: String?
    public var password: String?
    /// The authorities that may have signed the broker's certificate.
    ///
    /// A file of them, or a folder as OpenSSL keeps one; nil: no TLS.
    public var authorities: String?
    /// What the broker says for us, retained, when we are gone without a word.
    public var lastWill: Message

    /// Describes a broker.
    public init(host: String, port: Int, name: String, lastWill: Message) {
      (self.host, self.port, self.name) = (host, port, name)
      self.lastWill = lastWill
    }
  }

  /// A retained message: whoever comes later still gets the last one.
  public struct Message: Hashable, Sendable {
    public var topic: String
    public var payload: String

    /// A message.
    public init(_ topic: String, _ payload: String) {
      (self.topic, self.payload) = (topic, payload)
    }
  }

  /// How often the broker hears of us at least.
  private static let keepAliveSeconds: Int32 = 60

  private let settings: Settings
  private let handle: OpaquePointer
  /// Whether the broker has taken us.
  public private(set) var isConnected = false
  private var refusal: String?

  /// Prepares a client; nothing is connected yet.
  public init(_ settings: Settings) throws(MessagingError) {
    self.settings = settings
    mosquitto_lib_init()
    guard let handle = unsafe mosquitto_new(settings.name, true, nil) else {
      throw MessagingError("the name \(settings.name)")
    }
    unsafe self.handle = handle
    unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
    unsafe mosquitto_connect_callback_set(handle) { _, client, code in
      guard let client = unsafe client else { return }
      unsafe Unmanaged<MQTTClient>.fromOpaque(client).takeUnretainedValue().answered(code)
    }
    unsafe mosquitto_disconnect_callback_set(handle) { _, client, _ in
      guard let client = unsafe client else { return }
      unsafe Unmanaged<MQTTClient>.fromOpaque(client).takeUnretainedValue().isConnected = false
    }
    try prepare()
  }

  deinit { unsafe mosquitto_destroy(handle) }

  private func prepare() throws(MessagingError) {
    if let user = settings.user {
      try check(unsafe mosquitto_username_pw_set(handle, user, settings.password), "the user")
    }
    if let authorities = settings.authorities {
      let isFolder = authorities.hasSuffix("/")
      try check(
        unsafe mosquitto_tls_set(
          handle, isFolder ? nil : authorities, isFolder ? authorities : nil, nil, nil, nil),
        authorities)
    }
    let will = settings.lastWill
    let payload = Array(will.payload.utf8)
    try check(
      unsafe mosquitto_will_set(
        handle, will.topic, Int32(payload.count), payload, 1, true), "the last will")
  }

  private func answered(_ code: Int32) {
    isConnected = code == 0
    refusal = unsafe code == 0 ? nil : String(cString: mosquitto_connack_string(code))
  }

  /// Connects anew and waits for the broker's word.
  public func connect(within limit: Duration) throws(MessagingError) {
    (isConnected, refusal) = (false, nil)
    let place = "\(settings.host):\(settings.port)"
    try check(
      unsafe mosquitto_connect(
        handle, settings.host, Int32(settings.port), Self.keepAliveSeconds), place)
    var left = limit
    while !isConnected, left > .zero {
      try turn(waiting: .milliseconds(100))
      if let refusal { throw MessagingError("\(place): \(refusal)") }
      left -= .milliseconds(100)
    }
    guard isConnected else { throw MessagingError("\(place): no answer") }
  }

  /// Sends and takes what is to be sent and taken, and waits as long for more.
  public func turn(waiting pause: Duration) throws(MessagingError) {
    try check(
      unsafe mosquitto_loop(handle, Int32(clamping: pause.wholeMilliseconds), 1), settings.host)
  }

  /// Publishes a retained message that the broker has to confirm.
  public func publish(_ message: Message) throws(MessagingError) {
    let payload = Array(message.payload.utf8)
    try check(
      unsafe mosquitto_publish(
        handle, nil, message.topic, Int32(payload.count), payload, 1, true), message.topic)
  }

  private func check(_ code: Int32, _ subject: String) throws(MessagingError) {
    guard code != MOSQ_ERR_SUCCESS.rawValue else { return }
    let words = unsafe String(cString: mosquitto_strerror(code))
    if code != MOSQ_ERR_PAYLOAD_SIZE.rawValue { isConnected = false }
    throw MessagingError("\(subject): \(words)")
  }
}

/// What went wrong with the broker, in words.
public struct MessagingError: Error, Hashable, CustomStringConvertible {
  public var description: String

  /// Says what went wrong.
  public init(_ words: String) { description = words }
}
