internal import FoundationEssentials

/// Values as compact JSON text with sorted keys, so that the same value is always the same text.
public enum JSONText {
  /// Writes a value; `.refused` when it holds what JSON cannot, such as an infinite number.
  public static func encode<Value: Encodable>(_ value: Value) throws(StorageError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let data = try encoder.encode(value)
      guard let text = String(validating: data, as: UTF8.self) else {
        throw StorageError.refused("\(Value.self) did not become UTF-8")
      }
      return text
    } catch let error as StorageError {
      throw error
    } catch {
      throw .refused("\(Value.self) cannot be written as JSON: \(error)")
    }
  }

  /// Reads a value; `.corrupt` when the text is not one, or not of that type.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from text: String
  ) throws(StorageError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw .corrupt("\(type) cannot be read: \(error)")
    }
  }
}
