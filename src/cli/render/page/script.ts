/**
 * The page is whole without it. With it, each instant has its age beside it, and a page that nobody made anew says so. It holds
 * neither < nor &: the page is well-formed XML as well.
 */
export const SCRIPT = `"use strict";
(function () {
  var DAY = 86400000;
  function words(ms) {
    var minutes = Math.floor(ms / 60000);
    if (1 > minutes) return "just now";
    if (120 > minutes) return minutes + " min ago";
    if (2880 > minutes) return Math.floor(minutes / 60) + " h ago";
    return Math.floor(minutes / 1440) + " days ago";
  }
  function tell() {
    document.querySelectorAll("time[datetime]").forEach(function (time) {
      var age = Date.now() - Date.parse(time.dateTime);
      var told = time.nextElementSibling;
      if (!told || told.className !== "ago") {
        told = document.createElement("span");
        told.className = "ago";
        time.after(told);
      }
      told.textContent = age > 0 ? " (" + words(age) + ")" : "";
    });
    var made = document.querySelector("#made time");
    document.querySelector("#old").hidden = !made || DAY > Date.now() - Date.parse(made.dateTime);
  }
  tell();
  setInterval(tell, 30000);
})();
`;
