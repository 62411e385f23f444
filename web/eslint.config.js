import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** net/ and state/ know neither React nor the page's elements: what they may not import. */
const noReact = {
  "no-restricted-imports": [
    "error",
    { patterns: ["react", "react-*", "**/elements/**", "**/screens/**"] },
  ],
};

export default tseslint.config(
  { ignores: ["node_modules", "src/net/*.gen.ts"] },
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-console": "error",
      eqeqeq: "error",
      "max-lines": ["error", 400],
    },
  },
  { files: ["src/net/**/*.ts"], ignores: ["**/*.test.ts"], rules: noReact },
  {
    files: ["src/state/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: ["react", "react-*", "**/elements/**", "**/screens/**", "socket.io-client"] },
      ],
      "no-restricted-globals": ["error", "document", "window", "navigator", "setTimeout", "setInterval", "Date", "fetch"],
    },
  },
);
