<?php
/**
 * Prongsai for a website in PHP, in one file without dependencies (PHP 8.1 or newer).
 *
 * As a library:
 *
 *     require 'prongsai.php';
 *     $prongsai = new Prongsai('https://api.example.go.th', '/var/cache/prongsai', getenv('CLIENT_ID'), getenv('CLIENT_SECRET'));
 *     foreach ($prongsai->get('/v1/measures?fiscal_year=2567')['items'] as $measure) ...
 *     if ($prongsai->keptSince) echo 'ข้อมูล ณ ', date('c', $prongsai->keptSince);
 *
 * Opened by itself it is a page with the measures and a complaint form; it reads PRONGSAI, PRONGSAI_CACHE, CLIENT_ID and
 * CLIENT_SECRET from the environment. `prongsai client add --name Website --scope complaints:submit` makes the client.
 */
declare(strict_types=1);

/** What the service said instead of doing it: a problem of RFC 9457. Without a status there was no answer. */
final class ProngsaiProblem extends RuntimeException
{
    /** @param list<array{pointer?: string, code: string, detail: string}> $errors what is wrong with each field */
    public function __construct(public readonly int $status, string $detail, public readonly array $errors = [])
    {
        parent::__construct($detail);
    }
}

final class Prongsai
{
    /** When the oldest kept answer was received that this page shows; null if all is of now. */
    public ?int $keptSince = null;

    /**
     * @param string $folder where answers are kept: a folder that the web server writes and does not serve
     * @param string|null $clientId a client with the scope `complaints:submit`, which needs no challenge
     */
    public function __construct(
        private readonly string $address,
        private readonly string $folder,
        private readonly ?string $clientId = null,
        private readonly ?string $clientSecret = null,
        private readonly string $language = 'th',
    ) {
    }

    /**
     * What is published at a path. An unchanged answer is not sent again (304). When the service is away, its last good answer is
     * given, and $keptSince says of when that is.
     */
    public function get(string $path): array
    {
        $file = $this->fileOf($path);
        $kept = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
        try {
            [$status, $headers, $body] = $this->ask('GET', $path, $kept ? ["If-None-Match: {$kept['etag']}"] : []);
        } catch (ProngsaiProblem $problem) {
            $isAway = $problem->status === 0 || $problem->status === 429 || $problem->status >= 500;
            if (!$isAway || !$kept) {
                throw $problem;
            }
            $this->keptSince = min($this->keptSince ?? PHP_INT_MAX, $kept['at']);
            return $kept['data'];
        }
        $data = $status === 304 ? $kept['data'] : $body;
        $this->keep($file, ['etag' => $headers['etag'] ?? '', 'at' => time(), 'data' => $data]);
        return $data;
    }

    /**
     * Sends a complaint for a visitor; gives the receipt. The same $key sends the same complaint once, however often: make it with
     * Prongsai::newKey() when the form is shown, as a hidden field.
     */
    public function complain(array $complaint, string $key): array
    {
        return $this->post('/v1/complaints', $complaint, $key, $this->token());
    }

    /** Sends a request for an e-service for a visitor. One that books a day has the visitor's own proof of work. */
    public function request(string $service, array $request, string $key): array
    {
        return $this->post('/v1/e-services/' . rawurlencode($service) . '/requests', $request, $key, $this->token());
    }

    /** The case of a receipt, `complaints` or `service-requests`. Keep neither the receipt nor the answer. */
    public function lookup(string $kind, string $receipt): array
    {
        return $this->post("/v1/$kind/lookup", ['receipt' => $receipt], null, $this->token());
    }

    public static function newKey(): string
    {
        return bin2hex(random_bytes(16));
    }

    private function post(string $path, array $body, ?string $key, ?string $token): array
    {
        $headers = ['Content-Type: application/json'];
        if ($key !== null) {
            $headers[] = "Idempotency-Key: $key";
        }
        if ($token !== null) {
            $headers[] = "Authorization: Bearer $token";
            $headers[] = 'Prongsai-Visitor: ' . $this->visitor();
        }
        return $this->ask('POST', $path, $headers, json_encode($body, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR))[2];
    }

    /** Each visitor is counted apart, and nobody learns the address: the service sees a keyed hash of it. */
    private function visitor(): string
    {
        return substr(hash_hmac('sha256', $_SERVER['REMOTE_ADDR'] ?? '', (string) $this->clientSecret), 0, 32);
    }

    /** An access token, kept until shortly before it ends. */
    private function token(): ?string
    {
        if (!$this->clientId) {
            return null;
        }
        $file = $this->fileOf("token of {$this->clientId}");
        $kept = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
        if ($kept && $kept['until'] > time()) {
            return $kept['token'];
        }
        $basic = base64_encode("{$this->clientId}:{$this->clientSecret}");
        $headers = ["Authorization: Basic $basic", 'Content-Type: application/x-www-form-urlencoded'];
        $given = $this->ask('POST', '/oauth/token', $headers, 'grant_type=client_credentials')[2];
        $this->keep($file, ['token' => $given['access_token'], 'until' => time() + $given['expires_in'] - 60]);
        return $given['access_token'];
    }

    /** @return array{int, array<string, string>, array} status, headers and body */
    private function ask(string $method, string $path, array $headers, string $body = ''): array
    {
        $headers = ['Accept: application/json, application/problem+json', "Accept-Language: {$this->language}", ...$headers];
        $http = ['method' => $method, 'header' => $headers, 'content' => $body, 'timeout' => 10, 'ignore_errors' => true, 'follow_location' => 0];
        $stream = @fopen($this->address . $path, 'r', false, stream_context_create(['http' => $http]));
        if (!$stream) {
            throw new ProngsaiProblem(0, 'ขณะนี้ติดต่อระบบไม่ได้ โปรดลองอีกครั้ง');
        }
        $text = stream_get_contents($stream);
        $lines = stream_get_meta_data($stream)['wrapper_data'];
        fclose($stream);
        $status = (int) explode(' ', $lines[0])[1];
        $given = [];
        foreach (array_slice($lines, 1) as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $given[strtolower($name)] = trim($value);
        }
        $answer = json_decode((string) $text, true);
        if ($status >= 400 || (!is_array($answer) && $status !== 304)) {
            $isProblem = is_array($answer) && isset($answer['detail']);
            throw new ProngsaiProblem($status, $isProblem ? $answer['detail'] : "HTTP $status", $answer['errors'] ?? []);
        }
        return [$status, $given, $answer ?? []];
    }

    private function fileOf(string $what): string
    {
        return $this->folder . '/' . hash('sha256', $this->address . $what) . '.json';
    }

    /** Written whole or not at all: two visitors may come at once. What cannot be kept is asked for again. */
    private function keep(string $file, array $what): void
    {
        is_dir($this->folder) || @mkdir($this->folder, 0700, true);
        $new = @tempnam($this->folder, 'new');
        if ($new !== false && @file_put_contents($new, json_encode($what, JSON_UNESCAPED_UNICODE)) !== false) {
            @rename($new, $file);
        }
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}

// The page that this file is by itself: the measures, a complaint, and its receipt.

$prongsai = new Prongsai(
    rtrim(getenv('PRONGSAI') ?: 'http://127.0.0.1:8080', '/'),
    getenv('PRONGSAI_CACHE') ?: sys_get_temp_dir() . '/prongsai',
    getenv('CLIENT_ID') ?: null,
    getenv('CLIENT_SECRET') ?: null,
);
$escaped = static fn (mixed $text): string => htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE);
$entered = static fn (string $name): string => $escaped($_POST[$name] ?? '');
$receipt = $problem = null;
if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
    header('Cache-Control: no-store');
    try {
        [$kind, $category] = explode('/', (string) ($_POST['category'] ?? '')) + ['', ''];
        $complaint = ['kind' => $kind, 'category' => $category, 'subject' => $_POST['subject'] ?? '', 'description' => $_POST['description'] ?? ''];
        $receipt = $prongsai->complain($complaint, (string) ($_POST['key'] ?? ''));
    } catch (ProngsaiProblem $problem) {
        http_response_code($problem->status ?: 503);
    }
}
try {
    $measures = $prongsai->get('/v1/measures?fiscal_year=2567&sort=number&limit=100')['items'];
    $categories = $prongsai->get('/v1/complaint-categories?active=true&limit=100')['items'];
} catch (ProngsaiProblem $problem) {
    [$measures, $categories] = [[], []];
}
?>
<!doctype html>
<html lang="th">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>มาตรการและเรื่องร้องเรียน</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: auto; padding: 1rem } input, select, textarea { font: inherit; width: 100% }</style>
<h1>มาตรการส่งเสริมคุณธรรมและความโปร่งใส</h1>
<?php if ($prongsai->keptSince): ?>
<p role="status">ขณะนี้ติดต่อระบบไม่ได้ ข้อมูล ณ <?= date('j/n/Y H:i', $prongsai->keptSince) ?></p>
<?php endif ?>
<ol>
<?php foreach ($measures as $measure): ?>
<li><?= $escaped($measure['title']) ?></li>
<?php endforeach ?>
</ol>
<h2>แจ้งเรื่องร้องเรียน</h2>
<?php if ($receipt): ?>
<p role="status">ได้รับเรื่องแล้ว เลขรับเรื่อง <?= $escaped($receipt['reference']) ?></p>
<p>รหัสติดตามเรื่องแสดงเพียงครั้งเดียว โปรดเก็บไว้ <output><?= $escaped($receipt['receipt']) ?></output></p>
<?php else: ?>
<?php if ($problem): ?>
<div role="alert"><p><?= $escaped($problem->getMessage()) ?></p><ul>
<?php foreach ($problem->errors as $error): ?>
<li><?= $escaped($error['detail']) ?></li>
<?php endforeach ?>
</ul></div>
<?php endif ?>
<form method="post">
<input type="hidden" name="key" value="<?= $escaped($_POST['key'] ?? Prongsai::newKey()) ?>">
<p><label>ประเภท <select name="category">
<?php foreach ($categories as $category): $code = "{$category['kind']}/{$category['code']}" ?>
<option value="<?= $escaped($code) ?>"<?= $code === ($_POST['category'] ?? '') ? ' selected' : '' ?>><?= $escaped($category['name']['th']) ?></option>
<?php endforeach ?>
</select></label></p>
<p><label>เรื่อง <input name="subject" maxlength="300" value="<?= $entered('subject') ?>"></label></p>
<p><label>รายละเอียด <textarea name="description" rows="6" maxlength="20000"><?= $entered('description') ?></textarea></label></p>
<p><button>ส่งเรื่องร้องเรียน</button></p>
</form>
<?php endif ?>
</html>
