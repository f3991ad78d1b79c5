/** A form of secrets. What its groups `before` and `after` match is shown. */
export interface SecretForm {
  readonly pattern: RegExp;
  /** No shorter text can hold it. Patterns cost time, and most texts are short. */
  readonly shortest: number;
  /** Other text, such as a checksum, may look the same. */
  readonly isAmbiguous?: boolean;
}

/**
 * Members and variables whose values are secret in any text. `token`, `key` and `signature` alone are not among them:
 * log probabilities, tool arguments and thinking blocks have members with these names.
 */
const secretMember =
  "(?:[\\w-]*(?:password|passwd|passphrase|client[-_]?secret|secret[-_]?(?:access[-_]?)?key|api[-_]?key|account[-_]?key|access[-_]?key|private[-_]?key|(?:access|refresh|auth|bearer|session|api)[-_]?token|secret|credentials?)|pwd)";

/** Whether the value of a member with this name is a secret, however it looks. */
export function isSecretMember(name: string): boolean {
  return wholeMember.test(name);
}

const wholeMember = new RegExp(`^${secretMember}$`, "i");

/**
 * What is a secret by its form, wherever it occurs. No form may take more than linear time: each begins where it cannot
 * begin again within what it has read.
 */
export const secretForms: readonly SecretForm[] = [
  anyOf([
    // OpenAI, Anthropic, OpenRouter, Stripe, Groq, xAI, Together, Perplexity, NVIDIA, Tavily, Fireworks, LangSmith.
    "(?:sk|pk|gsk|xai|tgp|pplx|nvapi|tvly|lsv2)[-_][\\w-]{8,}",
    "(?:whsec|rk_live|rk_test)_[\\w-]{8,}",
    "fw_[A-Za-z0-9]{16,}",
    // Organisations and projects of OpenAI: no keys, but they name the account.
    "org-(?=[A-Za-z]{0,40}\\d)[A-Za-z0-9]{8,}",
    "org-[A-Za-z0-9]{20,}",
    "proj_[A-Za-z0-9]{16,}",
    // Google: API keys, access tokens, client secrets, refresh tokens.
    "AIza[\\w-]{10,}",
    "AQ\\.[\\w-]{20,}",
    "ya29\\.[\\w-]{10,}",
    "GOCSPX-[\\w-]{10,}",
    "1//0[\\w-]{20,}",
    "hf_[A-Za-z0-9]{10,}",
    "r8_[A-Za-z0-9]{10,}",
    // GitHub, GitLab, npm, PyPI.
    "gh[pousr]_[A-Za-z0-9]{16,}",
    "github_pat_\\w{16,}",
    "gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|oas|wt)-[\\w.-]{16,}",
    "npm_[A-Za-z0-9]{20,}",
    "pypi-[\\w-]{20,}",
    // AWS, with Bedrock.
    "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}",
    "ABSK[A-Za-z0-9+/=]{30,}",
    // Slack, SendGrid, Databricks, DigitalOcean, Vault, Shopify, Grafana.
    "xox[a-z](?:\\.[a-z]+)?-[\\w-]{8,}",
    "(?:xapp|xwfp)-[\\w-]{8,}",
    "SG\\.[\\w-]{16,}\\.[\\w-]{16,}",
    "dapi[0-9a-f]{32}",
    "do[opr]_v1_[0-9a-f]{32,}",
    "hv[sbr]\\.[\\w-]{20,}",
    "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}",
    "gl(?:c|sa)_[\\w=-]{20,}",
  ]),
  // JSON web tokens, signed or encrypted.
  { shortest: 12, pattern: /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{2,}\.[\w-]*(?:\.[\w-]+){0,2}/g },
  { shortest: 24, pattern: /(?<before>hooks\.slack\.com\/services\/)[\w/]+/g },
  // Private keys, also where their lines are joined by an escaped "\n".
  {
    shortest: 30,
    pattern:
      /(?<before>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(?:[A-Za-z0-9+/=\s\\:,]|-(?!----))+(?<after>(?:-----END [A-Z0-9 ]{0,40}-----)?)/g,
  },
  // Azure: the keys of before and after 2024.
  { shortest: 32, pattern: /(?<![\w-])[0-9a-f]{32}(?![\w-])/gi, isAmbiguous: true },
  { shortest: 84, pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}/g },
  // Secret keys of AWS: digits, capitals and small letters.
  {
    shortest: 40,
    pattern:
      /(?<![\w/+.-])(?=[A-Za-z/+]{0,39}\d)(?=[a-z\d/+]{0,39}[A-Z])(?=[A-Z\d/+]{0,39}[a-z])[A-Za-z0-9/+]{40}(?![\w/+=-])/g,
    isAmbiguous: true,
  },
  // What HTTP and URLs carry.
  { shortest: 8, pattern: /(?<before>\bBearer\s+)(?!tokens?\b)[^\s"'<>]+/gi },
  { shortest: 8, pattern: /(?<before>\bBasic\s+)[A-Za-z0-9+/]{16,}={0,2}/gi },
  { shortest: 5, pattern: /(?<before>:\/\/)[^\s/?#@"'<>]+(?<after>@)/g },
  // A member in a JSON text, whose quotes may be escaped, and what variables and connection strings are set to.
  {
    shortest: 8,
    pattern: new RegExp(
      `(?<![\\w-])(?<before>${secretMember}\\\\*["']\\s*:\\s*(?<end>\\\\*["']))(?:(?!\\k<end>)(?:[^\\\\]|\\\\+[^\\\\]))+`,
      "gi",
    ),
  },
  { shortest: 8, pattern: new RegExp(`(?<![\\w?&-])(?<before>${secretMember}=\\\\*["']?)[^\\s"'\\\\;&,<>]{4,}`, "gi") },
];

/** One pattern, since each that is tried costs time with every text. */
function anyOf(forms: readonly string[]): SecretForm {
  return { shortest: 11, pattern: new RegExp(`(?<![A-Za-z0-9])(?:${forms.join("|")})`, "g") };
}
