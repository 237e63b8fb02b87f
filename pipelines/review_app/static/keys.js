// Single keys for those who want them. Every control has its key in `data-key`; without this file all of them work as forms.
"use strict";

(() => {
  const isWriting = (target) => target.closest("textarea, input:not([type=radio]):not([type=checkbox])") !== null;
  const form = () => document.getElementById("answer");

  const chooseReason = (digit) => {
    const chosen = document.querySelector("input[name=code]:checked");
    const box = chosen && chosen.closest("fieldset").querySelector(`[data-number="${digit}"]`);
    if (!box) return false;
    box.click();
    return true;
  };

  const actOn = (control) => {
    control.focus();
    control.click();
    return true;
  };

  const act = (key, target) => {
    if (key === "Enter") {
      if (!form() || target.closest("a, button, summary")) return false;
      form().requestSubmit();
      return true;
    }
    if (key === "o" && document.getElementById("note")) {
      document.getElementById("note").focus();
      return true;
    }
    if (/^[1-9]$/.test(key)) return chooseReason(key);
    const control = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
    return control ? actOn(control) : false;
  };

  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.keys !== "on" || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Escape" && isWriting(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey) {
      if (event.key === "Enter" && form()) form().requestSubmit();
      return;
    }
    if (!isWriting(event.target) && act(event.key, event.target)) event.preventDefault();
  });
})();
