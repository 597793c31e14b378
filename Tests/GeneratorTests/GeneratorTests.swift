// GeneratorTests
