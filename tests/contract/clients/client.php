<?php
// A day of a PHP program that uses the API through openapi-generator.
require 'vendor/autoload.php';

use OpenAPI\Client\Api\MeasuresApi;
use OpenAPI\Client\Api\StatisticsApi;
use OpenAPI\Client\ApiException;
use OpenAPI\Client\Configuration;
use OpenAPI\Client\Model\MeasureInput;
use OpenAPI\Client\Model\MeasurePatch;
use OpenAPI\Client\Model\ResponsibleInput;

function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new Exception(var_export($actual, true) . ' instead of ' . var_export($expected, true));
    }
}

/** What a call meets that is no success: its status, and the problem if there is one. */
function problem(callable $call): array
{
    try {
        $call();
    } catch (ApiException $exception) {
        return [$exception->getCode(), $exception->getResponseObject()];
    }
    throw new Exception('no problem');
}

$config = Configuration::getDefaultConfiguration()->setHost(getenv('PRONGSAI'))->setAccessToken(getenv('TOKEN'));
// The API's booleans are true and false, not 1 and 0.
$config->setBooleanFormatForQueryString(Configuration::BOOLEAN_FORMAT_STRING);
$api = new MeasuresApi();

// A list with a filter, page by page.
$measures = [];
$cursor = null;
do {
    $page = $api->listMeasures(fiscal_year: [2567], limit: 2, cursor: $cursor);
    array_push($measures, ...$page->getItems());
    $cursor = $page->getPage()->getNextCursor();
} while ($cursor !== null);
same([1, 2, 3, 4, 5, 6], array_map(fn ($measure) => $measure->getNumber(), $measures));

// One record, and the same again.
$id = $measures[0]->getId();
[$measure, , $headers] = $api->getMeasureWithHttpInfo($id);
same($measures[0]->getTitle(), $measure->getTitle());
[$status] = problem(fn () => $api->getMeasure($id, $headers['ETag'][0] ?? $headers['etag'][0]));
same(304, $status);

// A new one, sent twice and created once.
$new = new MeasureInput([
    'fiscal_year' => 2571,
    'number' => 1,
    'title' => 'ส่งเสริมการเปิดเผยข้อมูลสาธารณะ',
    'responsible' => new ResponsibleInput(['all_units' => true]),
    'period_text' => 'ปีงบประมาณ พ.ศ. ๒๕๗๑',
]);
$key = bin2hex(random_bytes(16));
[$created, $status, $headers] = $api->createMeasureWithHttpInfo($new, $key);
same(201, $status);
same($created->getId(), $api->createMeasure($new, $key)->getId());

// A change of what was read; a second one that has not read the first; one that breaks a rule.
$id = $created->getId();
$etag = $headers['ETag'][0] ?? $headers['etag'][0];
$changed = $api->updateMeasure($id, $etag, new MeasurePatch(['topic' => 7]));
same(7, $changed->getTopic());
[$status, $problem] = problem(fn () => $api->updateMeasure($id, $etag, new MeasurePatch(['topic' => 6])));
same([412, 'precondition_failed'], [$status, $problem->getCode()]);
$wrong = new MeasurePatch(['responsible' => new ResponsibleInput(['units' => ['legal']])]);
[$status, $problem] = problem(fn () => $api->updateMeasure($id, '*', $wrong));
same([422, '#/responsible'], [$status, $problem->getErrors()[0]->getPointer()]);

// A statistic.
$statistics = (new StatisticsApi())->getMeasureStatistics(2567);
same(['planned' => 0, 'in_progress' => 0, 'completed' => 6, 'cancelled' => 0], array_column(array_map(
    fn ($slice) => [$slice->getValue(), $slice->getTotal()],
    $statistics->getCurrent()->getByStatus(),
), 1, 0));
