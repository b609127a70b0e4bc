// Questions: the reason for the chosen answer appears in the live region of its question. Without
// scripts all reasons stand folded below the choices.
document.querySelectorAll(".question").forEach((question) => {
  const feedback = question.querySelector(".question-feedback");
  question.addEventListener("change", (event) => {
    const reason = question.querySelector(`[data-choice="${event.target.value}"]`).cloneNode(true);
    // A page has each of its names once.
    reason.querySelectorAll("[id]").forEach((it) => it.removeAttribute("id"));
    feedback.replaceChildren(reason);
  });
  // A browser may keep what was chosen before the page was loaded again, without its reason.
  question.querySelectorAll("input").forEach((choice) => { choice.checked = false; });
});
