module.exports = {
  testMatch: ["**/*.test.cjs"],
  moduleFileExtensions: ["cjs", "mjs", "js", "json"],
  transform: {
    "\\.[cm]?[jt]sx?$": ["babel-jest", { presets: [["@babel/preset-env", { targets: { node: "current" } }]] }],
  },
  transformIgnorePatterns: ["/node_modules/(?!(callwright|eventsource-parser|@pydantic/genai-prices)/)"],
};
