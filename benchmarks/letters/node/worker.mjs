// Sends the letters: one process, connections to the mail server kept.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "bullmq";
import Handlebars from "handlebars";
import { MongoClient, ObjectId } from "mongodb";
import nodemailer from "nodemailer";

const TWO_DAYS = 2 * 24 * 3600 * 1000;
const SITE = "http://127.0.0.1:8000";

const told = JSON.parse(process.argv[2]);
const mongodb = await MongoClient.connect(told.mongodb);
const confirmations = mongodb.db().collection("confirmations");
const mailer = nodemailer.createTransport({
  host: "127.0.0.1",
  port: told.smtp,
  pool: true,
  maxConnections: told.connections,
  maxMessages: Infinity,
});

const template = (part, options) => Handlebars.compile(readFileSync(join(told.templates, part), "utf8"), options);
const subject = template("subject.txt", { noEscape: true });
const text = template("body.txt", { noEscape: true });
const html = template("body.html");

async function confirmation(userId) {
  const token = randomBytes(32).toString("base64url");
  await confirmations.insertOne({
    _id: createHash("sha256").update(token).digest("hex"),
    user_id: new ObjectId(userId),
    purpose: "EMAIL_VERIFY",
    expires_at: new Date(Date.now() + TWO_DAYS),
  });
  return { token, link: `${SITE}/verify-email?token=${token}` };
}

async function send(job) {
  const facts = job.name === "welcome" ? await confirmation(job.data.userId) : {};
  const fields = { ...job.data, ...facts };
  await mailer.sendMail({
    from: "Postberry <no-reply@postberry.localhost>",
    to: job.data.to,
    subject: subject(fields),
    text: text(fields),
    html: html(fields),
    messageId: `<${job.id}@postberry.localhost>`,
    headers: { "X-Request-ID": "benchmark", "Auto-Submitted": "auto-generated" },
  });
}

const worker = new Worker("letters", send, { connection: { url: told.redis }, concurrency: told.concurrency });
worker.on("failed", (job, error) => console.error(job?.id, error));

process.on("SIGTERM", async () => {
  await worker.close();
  mailer.close();
  await mongodb.close();
  process.exit(0);
});
