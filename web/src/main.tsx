/** Composition root of the page: texts first, then the screens. */
import "krds-uiux/resources/css/token/krds_tokens.css";
import "@fontsource-variable/noto-sans-kr/index.css";
import "./elements/tokens.css";
import "./elements/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { firstLanguage, startTexts } from "./locales/i18n";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");

await startTexts(firstLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
