// The ticket form: what it can do beyond the fields that work without a script.

import { filesField } from "./files.js";

const form = document.querySelector("[data-ticket-form]");
if (form) filesField(form);
