"use strict";
// Launches: what binds a login to this browser is kept in the platform's storage (1EdTech "LTI Client Side
// postMessages"), and forms for the platform are sent. Without this script each page has a button that does.
(() => {
  const part = document.querySelector("[data-lti]");
  if (!part) return;
  const { lti, to, origin, frame, key, value } = part.dataset;
  const parent = window.parent !== window ? window.parent : window.opener;

  // Ask a window, and wait for its answer; null if there is none in time or it is an error.
  function ask(target, targetOrigin, message, wait) {
    return new Promise((resolve) => {
      const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
      const done = (found) => { removeEventListener("message", heard); clearTimeout(timer); resolve(found); };
      const heard = ({ data, origin: from }) => {
        if (!data || typeof data !== "object" || data.message_id !== id) return;
        if (data.subject !== `${message.subject}.response`) return;
        if (targetOrigin !== "*" && from !== targetOrigin) return;
        done(data.error ? null : data);
      };
      const timer = setTimeout(() => done(null), wait);
      addEventListener("message", heard);
      try { target.postMessage({ ...message, message_id: id }, targetOrigin); } catch { done(null); }
    });
  }

  function named(name) {
    if (!name || name === "_parent") return parent;
    try { return parent.frames[name] || null; } catch { return null; }
  }

  // The window that has the storage. Platforms that do not name it at the login say so when they are asked.
  async function storage(subject) {
    if (!parent) return null;
    if (frame) return named(frame);
    const told = await ask(parent, "*", { subject: "lti.capabilities" }, 700);
    const listed = told && Array.isArray(told.supported_messages) ? told.supported_messages : [];
    const found = listed.find((one) => one && one.subject === subject);
    return found ? named(found.frame) : null;
  }

  const jobs = {
    async login() {
      const window_ = await storage("lti.put_data");
      if (window_) await ask(window_, origin, { subject: "lti.put_data", key, value }, 1000);
      location.replace(to);
    },
    async launch() {
      const window_ = await storage("lti.get_data");
      const found = window_ && (await ask(window_, origin, { subject: "lti.get_data", key }, 1000));
      if (!found || typeof found.value !== "string") return;
      const form = part.querySelector("form[data-stored]");
      form.elements.browser.value = found.value;
      form.submit();
    },
    async send() { part.submit(); },
    async close() { if (parent) parent.postMessage({ subject: "org.imsglobal.lti.close" }, "*"); },
  };
  if (Object.hasOwn(jobs, lti)) jobs[lti]();
})();
