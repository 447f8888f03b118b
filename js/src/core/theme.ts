/** Follow the host's light or dark theme. */

type Theme = "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** JupyterLab and Notebook, then VS Code, then hosts that mark themselves (marimo), then the system. */
function hostTheme(): Theme {
  for (const element of [document.body, document.documentElement]) {
    const jupyter = element.dataset.jpThemeLight;
    if (jupyter) return jupyter === "true" ? "light" : "dark";
    const code = element.dataset.vscodeThemeKind;
    if (code) return code.endsWith("light") ? "light" : "dark";
    const named = element.dataset.theme ?? element.className;
    if (/\bdark\b/.test(named)) return "dark";
    if (/\blight\b/.test(named)) return "light";
  }
  return dark.matches ? "dark" : "light";
}

/** Keep `data-mo-theme` of a root equal to the host's theme; returns what stops it. */
export function followTheme(root: HTMLElement): () => void {
  const update = () => {
    root.dataset.moTheme = hostTheme();
  };
  update();
  const observer = new MutationObserver(update);
  const attributeFilter = ["data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "class"];
  for (const element of [document.body, document.documentElement])
    observer.observe(element, { attributeFilter });
  dark.addEventListener("change", update);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", update);
  };
}
