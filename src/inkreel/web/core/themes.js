// The themes of the videos, as far as previews need them; the same colours as visuals/themes.py.

export const THEMES = {
  light: { bg: "#F6F7FB", ink: "#111633", muted: "#4B5573", accent: "#4338CA", on: "#FFFFFF", soft: "#E8E9FC", caption: "#272C47", lit: "#FFD166", tiles: ["#4338CA", "#FBBF24", "#C9CCF7", "#111633"] },
  dark: { bg: "#0C1122", ink: "#F3F5FC", muted: "#A9B4D0", accent: "#8EA2FF", on: "#0C1122", soft: "#1C2546", caption: "#2B3563", lit: "#FFD166", tiles: ["#8EA2FF", "#FBBF24", "#27315C", "#EEF1FB"] },
  brand: { bg: "#0B3B36", ink: "#F4FBF8", muted: "#B4D6CC", accent: "#FFC857", on: "#0B3B36", soft: "#145A52", caption: "#04211E", lit: "#FFC857", tiles: ["#FFC857", "#F4FBF8", "#145A52", "#3FA796"] },
};
