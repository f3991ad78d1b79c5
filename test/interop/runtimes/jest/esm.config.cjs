module.exports = { transform: {}, testMatch: ["**/*.test.mjs"], moduleFileExtensions: ["mjs", "js", "json"] };
