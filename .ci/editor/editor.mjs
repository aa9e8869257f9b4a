// The editor of the pages where students write code: CodeMirror 6 in place of each `textarea[data-editor]`.
import { autocompletion, closeBrackets, closeBracketsKeymap, completeAnyWord, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--cancel)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--right-ink, var(--right))" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--borrowed-ink, var(--borrowed))" },
  { tag: [tags.comment, tags.lineComment], color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName))], color: "var(--accent)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", fontSize: ".88rem" },
  "&.cm-focused": { outline: "2.5px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace', lineHeight: "1.5", maxHeight: "34rem", overflow: "auto" },
  ".cm-content": { minHeight: "18rem", caretColor: "var(--ink)", padding: ".5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--code)", color: "var(--soft)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--code) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--line)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)", color: "inherit" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: ".4rem" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-panels": { backgroundColor: "var(--code)", color: "var(--ink)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--wrong)" },
});

function marks(doc, wanted) {
  const found = [];
  for (const one of wanted) {
    if (one.line > doc.lines || one.end_line > doc.lines) continue;
    const first = doc.line(one.line);
    const last = doc.line(one.end_line);
    const from = Math.min(first.from + one.column - 1, first.to);
    const to = Math.min(last.from + one.end_column - 1, last.to);
    found.push({ from: Math.min(from, to), to: Math.max(from, to), severity: "error", message: one.message });
  }
  return found.sort((a, b) => a.from - b.from);
}

function replace(textarea) {
  const host = document.createElement("div");
  host.className = "editor";
  textarea.after(host);
  const root = host.attachShadow({ mode: "open" });  // its styles are sheets made by script, which the policy allows
  const key = textarea.dataset.draft;
  const saved = key ? sessionStorage.getItem(key) : null;
  const given = textarea.value.replace(/\r\n/g, "\n");
  const start = saved === null ? given : saved;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: start,
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        closeBrackets(), autocompletion({ override: [completeAnyWord], activateOnTyping: false }), highlightActiveLine(),
        highlightSelectionMatches(), indentUnit.of("    "), EditorState.tabSize.of(4), lintGutter(),
        python(), syntaxHighlighting(colours), look,
        keymap.of([
          { key: "Mod-Enter", run: () => { textarea.form.requestSubmit(); return true; } },
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab,
        ]),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": textarea.getAttribute("aria-label") || "Code", ...(textarea.getAttribute("aria-describedby") ? { "aria-description": "Escape and then Tab leaves the editor" } : {}) }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          if (key) sessionStorage.setItem(key, textarea.value);
          textarea.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  textarea.value = start;
  textarea.hidden = true;
  if (textarea.dataset.marks && start === given) {
    view.dispatch(setDiagnostics(view.state, marks(view.state.doc, JSON.parse(textarea.dataset.marks))));
  }
  if (key) textarea.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  const starter = document.getElementById(textarea.dataset.starter || "");
  if (starter) {
    starter.hidden = false;
    starter.addEventListener("click", () => {
      const text = starter.dataset.text.replace(/\r\n/g, "\n");
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      view.focus();
    });
  }
}

for (const one of document.querySelectorAll("textarea[data-editor]")) replace(one);
