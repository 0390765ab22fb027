@testable import FleetWeb
import Testing
