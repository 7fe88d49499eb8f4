// Readable without: only the theme's button, and what is remembered of it, need this file.
"use strict";
const html = document.documentElement;
const remembered = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
if (remembered()) html.dataset.theme = remembered();
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("button.theme");
  if (!button) return;
  const isDark = () => (html.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    html.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", html.dataset.theme); } catch { /* of a file: not remembered */ }
    show();
  });
});
